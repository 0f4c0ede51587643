//! A call of one operation: its request, and what an answer says.

use std::fmt::Write as _;
use std::marker::PhantomData;

use http::{HeaderValue, Method, Request, Response, header};
use serde::Deserialize;
use twoba_core::{Provider, Timestamp};

use super::argument::{self, ArgumentError};
use super::enumerations::{CurrencyCode, LifeCycleStage};
use super::implementer::Implementer;
use super::moment::rfc3339;
use super::notices::Notices;
use super::operation::{
    AsksCurrency, AsksEtimRelease, AsksLanguage, AsksLifeCycleStage, Bulk, Operation,
};
use crate::decimal::Decimal;
use crate::error::{CallError, ServiceError, ServiceErrorKind};
use crate::function::Function;
use crate::json::{judge_by, request_for_json};

/// A call of the operation `O`, made by the types of [`operations`](super::operations).
#[derive(Debug, PartialEq, Eq)]
pub struct Call<O> {
    /// Below the base, encoded.
    path: String,
    query: Vec<(&'static str, String)>,
    base: Option<String>,
    operation: PhantomData<O>,
}

/// An answer, with what its headers tell people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer<T> {
    /// What the operation answers with.
    pub body: T,
    /// What the headers say.
    pub notices: Notices,
}

impl<O> Clone for Call<O> {
    fn clone(&self) -> Self {
        Self {
            path: self.path.clone(),
            query: self.query.clone(),
            base: self.base.clone(),
            operation: PhantomData,
        }
    }
}

impl<O: Operation> Call<O> {
    /// Puts the values where the path has names in braces, in their order.
    pub(super) fn new(values: &[&str]) -> Self {
        let (mut path, mut values) = (String::new(), values.iter());
        for part in O::OUTLINE.path.split('/').skip(1) {
            path.push('/');
            match part.strip_prefix('{').and_then(|_| values.next()) {
                Some(value) => encode_onto(&mut path, value),
                None => path.push_str(part),
            }
        }
        Self {
            path,
            query: Vec::new(),
            base: None,
            operation: PhantomData,
        }
    }

    /// Sets whom to ask, instead of what stands at the provider's service base. The provider has to
    /// name the origin too, or no token goes there.
    #[must_use]
    pub fn at(mut self, implementer: &Implementer) -> Self {
        self.base = Some(implementer.base().to_owned());
        self
    }

    /// Sets a parameter that is there once.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.retain(|(known, _)| *known != name);
        self.query.push((name, value.into()));
        self
    }

    /// Removes a parameter.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.query.retain(|(known, _)| *known != name);
        self
    }

    /// The same call with another form of answer.
    pub(super) fn answered_by<P: Operation>(self) -> Call<P> {
        Call {
            path: self.path,
            query: self.query,
            base: self.base,
            operation: PhantomData,
        }
    }

    fn uri(&self, base: &str) -> Result<String, CallError> {
        let mut uri = format!("{}{}", base.trim_end_matches('/'), self.path);
        if !self.query.is_empty() {
            let query = serde_urlencoded::to_string(&self.query).map_err(|_| CallError::TooLong)?;
            uri.push('?');
            uri.push_str(&query);
        }
        Ok(uri)
    }
}

impl<O: Bulk> Call<O> {
    /// Sets how many items a page has, from 1 to 1,000; the server's default is 100.
    ///
    /// # Errors
    ///
    /// - another number: [`ArgumentError::Limit`]
    pub fn with_limit(self, items: u16) -> Result<Self, ArgumentError> {
        Ok(self.with("limit", argument::limit(items)?.to_string()))
    }

    /// Sets the place in the list, by the cursor of an answer.
    #[must_use]
    pub fn with_cursor(self, cursor: impl Into<String>) -> Self {
        self.with("cursor", cursor)
    }

    /// Sets a selection that was made with the implementer, by its id of 1 to 50 characters.
    ///
    /// # Errors
    ///
    /// - no such id: [`ArgumentError::Selection`]
    pub fn with_selection(self, id: &str) -> Result<Self, ArgumentError> {
        Ok(self.with("selectionId", argument::selection(id)?))
    }

    /// Sets whose items are listed: the manufacturer of products, the supplier of trade items.
    ///
    /// # Errors
    ///
    /// - not 13 digits: [`ArgumentError::Gln`]
    pub fn with_gln(self, gln: &str) -> Result<Self, ArgumentError> {
        let names = O::OUTLINE.query;
        let name = names.iter().find(|name| name.ends_with("IdGln"));
        Ok(self.with(name.copied().unwrap_or_default(), argument::gln(gln)?))
    }

    /// Sets since when an item has to have changed to be listed. The fraction of a second is dropped, so
    /// that nothing is missed.
    #[must_use]
    pub fn with_changes_since(self, since: Timestamp) -> Self {
        self.with("mutationDateTime", rfc3339(since))
    }

    /// The call for the page that follows `page`, if one does.
    ///
    /// # Errors
    ///
    /// - more follows, and the page leads to itself:
    ///   [`NoNextPage`](crate::ServiceErrorKind::NoNextPage)
    pub fn following(&self, page: &O::Answer) -> Result<Option<Self>, ServiceError> {
        let cursor = page.next_cursor();
        let here = self.query.iter().find(|(name, _)| *name == "cursor");
        let leads_here = cursor.is_some() && cursor == here.map(|(_, cursor)| cursor.as_str());
        if page.meta.has_next && (cursor.is_none() || leads_here) {
            return Err(ServiceError::bare(ServiceErrorKind::NoNextPage, 200));
        }
        Ok(self.after(page))
    }

    /// The call for the page that follows `page`, if one does.
    #[must_use]
    pub fn after(&self, page: &O::Answer) -> Option<Self> {
        let cursor = page.next_cursor()?;
        Some(self.clone().with_cursor(cursor))
    }
}

impl<O: AsksLanguage> Call<O> {
    /// Adds a language that texts are wanted in, such as `nl-NL`; without any, all languages are.
    ///
    /// That each language is a parameter of its own is inferred: it is the default of `OpenAPI`.
    #[must_use]
    pub fn with_language(mut self, language: impl Into<String>) -> Self {
        self.query.push(("language", language.into()));
        self
    }
}

impl<O: AsksLifeCycleStage> Call<O> {
    /// Adds a stage that is wanted; without any, all stages are.
    #[must_use]
    pub fn with_life_cycle_stage(mut self, stage: &LifeCycleStage) -> Self {
        self.query
            .push(("lifeCycleStage", stage.as_str().to_owned()));
        self
    }
}

impl<O: AsksEtimRelease> Call<O> {
    /// Sets the release of ETIM that classes are wanted of.
    #[must_use]
    pub fn with_etim_release(self, version: impl Into<String>) -> Self {
        self.with("etimReleaseVersion", version)
    }
}

impl<O: AsksCurrency> Call<O> {
    /// Sets the quantity that the price is for: 0 to 99999.9999.
    #[must_use]
    pub fn with_quantity(self, quantity: &Decimal) -> Self {
        self.with("quantity", quantity.as_str())
    }

    /// Sets the currency of the price.
    #[must_use]
    pub fn with_currency(self, currency: &CurrencyCode) -> Self {
        self.with("currency", currency.as_str())
    }
}

impl<O: Operation> Function for Call<O> {
    type Answer = Answer<O::Answer>;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        let base = match &self.base {
            Some(base) => base,
            None => provider
                .service_base()
                .ok_or(CallError::NoServiceBase)?
                .as_str(),
        };
        let mut request = request_for_json(Method::GET, &self.uri(base)?, Vec::new())?;
        let accepted = HeaderValue::from_static("application/json, application/problem+json");
        request.headers_mut().insert(header::ACCEPT, accepted);
        Ok(request)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<Self::Answer, ServiceError> {
        let body = judge_by(response, |reader| O::Answer::deserialize(reader))?;
        Ok(Answer {
            body,
            notices: Notices::of(response.headers()),
        })
    }

    /// All operations only read.
    fn is_repeatable(&self) -> bool {
        true
    }
}

/// Writes a part of a path: everything but unreserved characters is escaped (RFC 3986 section 2.3).
fn encode_onto(path: &mut String, part: &str) {
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // A `String` takes everything.
            write!(path, "%{byte:02X}").unwrap_or_default();
        }
    }
}
