//! The address that a browser starts Unifeed with. It holds the access token: the one place where a token
//! goes into a query.

use std::fmt;

use http::Uri;
use serde::Serialize;
use twoba_core::{AccessToken, Provider};
use zeroize::Zeroizing;

use super::interface::{Interface, InterfaceType};
use crate::error::CallError;

/// The start of Unifeed, from which an address is made.
///
/// ```
/// use twoba_core::{AccessToken, Provider};
/// use twoba_services::UnifeedStart;
///
/// let token = AccessToken::parse("the-token")?;
/// let address = UnifeedStart::new()
///     .with_query("kabelgoot wit")
///     .address(&Provider::two_ba(), &token)?;
/// assert_eq!(
///     address.to_string(),
///     "https://unifeed.2ba.nl/?q=kabelgoot%20wit&accessToken=(hidden)"
/// );
/// assert!(address.expose().ends_with("&accessToken=the-token"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnifeedStart {
    parameters: Vec<(&'static str, String)>,
    kind: Option<InterfaceType>,
}

/// A filter that Unifeed starts with. 2BA documents the members, but no values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnifeedFilter {
    /// Which filter.
    pub id: String,
    /// Its name, as the person sees it.
    pub name: String,
    /// What kind of filter.
    #[serde(rename = "type")]
    pub kind: String,
    /// The values that are let through.
    pub values: Vec<String>,
    /// Whether the person does not see it.
    pub hidden: bool,
}

macro_rules! parameters {
    ($($(#[$note:meta])* $with:ident => $name:literal;)*) => {$(
        $(#[$note])*
        #[must_use]
        pub fn $with(self, value: impl Into<String>) -> Self {
            self.with($name, value)
        }
    )*};
}

impl UnifeedStart {
    /// Makes a start for a person who only looks around. Nothing comes back.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a start from which a selection comes back. Every way but `JSON` and `DOWNLOAD` needs an address
    /// to come back to: see [`with_hook`](Self::with_hook).
    #[must_use]
    pub fn returning(kind: InterfaceType, interface: Interface) -> Self {
        let start = Self {
            parameters: Vec::new(),
            kind: Some(kind),
        };
        start
            .with("interface", interface.bits().to_string())
            .with("interfaceType", kind.as_str())
    }

    parameters! {
        /// Sets where the selection comes back to: the address of a
        /// [receiver](crate::UnifeedReceiver::hook), or one with a scheme that an application has for
        /// itself.
        with_hook => "hookUrl";
        /// Sets the label of the button that returns the selection. Seen in 2BA's demo program.
        with_label => "interfaceName";
        /// Sets which stored object is opened again. Seen in 2BA's demo program.
        with_object => "interfaceObjectId";
        /// Sets for which drawing program objects are made, such as `Revit`. Seen in 2BA's demo program.
        with_drawing_program => "uobApplication";
        /// Sets the version of that program, such as `2018`. Seen in 2BA's demo program.
        with_drawing_program_version => "uobApplicationVersion";
        /// Sets who the application is, with `SERVERJSONPOST`: Unifeed then asks the application's own
        /// token service for a token and sends it along.
        with_callback_application => "cbap";
        /// Sets where the person goes after the selection was posted, with `SERVERJSONPOST`.
        with_redirect_after_post => "RedirectAfterPost";
        /// Sets the words that are searched for first.
        with_query => "q";
        /// Sets the product that is shown first, by 2BA's number.
        with_product => "p";
        /// Sets the trade item that is shown first, by 2BA's number.
        with_trade_item => "a";
        /// Sets whether trade items are shown. 2BA names the parameter; its values are in no document that
        /// was found.
        with_trade_item_view => "showTradeItemView";
    }

    /// Sets the product that is shown first, by its manufacturer's GLN and code.
    #[must_use]
    pub fn with_productcode(self, gln: impl Into<String>, code: impl Into<String>) -> Self {
        self.with("gln", gln).with("productcode", code)
    }

    /// Sets the trade item that is shown first, by its supplier's GLN and number.
    #[must_use]
    pub fn with_trade_item_id(self, gln: impl Into<String>, id: impl Into<String>) -> Self {
        self.with("gln", gln).with("tradeItemId", id)
    }

    /// Sets the filters that are on at the start.
    #[must_use]
    pub fn with_filters(self, filters: &[UnifeedFilter]) -> Self {
        #[derive(Serialize)]
        struct Filters<'f> {
            filters: &'f [UnifeedFilter],
        }

        // Only maps with odd keys and failing writers fail; there are none.
        let json = serde_json::to_string(&Filters { filters }).unwrap_or_default();
        self.with("filter", json)
    }

    /// A parameter is said once: the last word counts.
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.retain(|(said, _)| *said != name);
        self.parameters.push((name, value.into()));
        self
    }

    /// Makes the address. The person uses Unifeed with this token.
    ///
    /// # Errors
    ///
    /// - the provider has no Unifeed: [`CallError::NoUnifeedBase`]
    /// - nothing can come back without an address: [`CallError::MissingParameter`]
    /// - more than an address can hold (64 KiB): [`CallError::TooLong`]
    pub fn address(
        &self,
        provider: &Provider,
        token: &AccessToken,
    ) -> Result<UnifeedAddress, CallError> {
        let base = provider.unifeed_base().ok_or(CallError::NoUnifeedBase)?;
        let has_hook = self.parameters.iter().any(|(name, _)| *name == "hookUrl");
        if self.kind.is_some_and(InterfaceType::needs_hook) && !has_hook {
            return Err(CallError::MissingParameter {
                function: "Unifeed",
                parameter: "hookUrl",
                example: "http://127.0.0.1:4281/unifeed",
            });
        }
        let encoded = |pairs: &[(&str, &str)]| {
            let text = serde_urlencoded::to_string(pairs).map_err(|_| CallError::TooLong)?;
            // A plus is a blank in forms alone; in addresses it is one for those who read them as forms.
            Ok::<_, CallError>(Zeroizing::new(Zeroizing::new(text).replace('+', "%20")))
        };
        let parameters: Vec<_> = self
            .parameters
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let query = encoded(&parameters)?;
        let secret = encoded(&[("accessToken", token.expose())])?;
        let joint = if base.uri().query().is_some() {
            '&'
        } else {
            '?'
        };
        let between = if query.is_empty() { "" } else { "&" };
        let shown = format!("{base}{joint}{}{between}", query.as_str());
        let whole = Zeroizing::new(format!("{shown}{}", secret.as_str()));
        // Also says that it is no longer than an address may be.
        whole.parse::<Uri>().map_err(|_| CallError::TooLong)?;
        Ok(UnifeedAddress { shown, whole })
    }
}

/// An address that opens Unifeed with a person's token in it. Whoever reads it can act as that person until
/// the token ends. `Debug` and `Display` hide the token.
#[derive(Clone, PartialEq, Eq)]
pub struct UnifeedAddress {
    /// All but the token.
    shown: String,
    whole: Zeroizing<String>,
}

impl UnifeedAddress {
    /// The whole address, for the person's browser and nobody else: it is as secret as the token.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.whole
    }
}

impl fmt::Display for UnifeedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}accessToken=(hidden)", self.shown)
    }
}

impl fmt::Debug for UnifeedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnifeedAddress({self})")
    }
}

#[cfg(test)]
mod tests;
