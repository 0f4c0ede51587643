//! Calls of services with the token of a session.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use twoba_keeper::Keeper;
use twoba_services::product_data::{Bulk, Call, Operation, Paging};
use twoba_store::Error;

use crate::program::Program;
use crate::runtime::Tokio;
use crate::session::Session;
use crate::waiting::awaited;

twoba_services::calling!([async] awaited; Session { keeper });
twoba_services::calling!([async] awaited; Program { keeper });
twoba_services::service!([async] awaited awaited; Service { keeper: Arc<Keeper<Tokio>> });

impl Service {
    fn keeper(&self) -> &Arc<Keeper<Tokio>> {
        &self.keeper
    }
}

twoba_services::product_data_handle!([async] awaited; ProductData of Service
    /// ```no_run
    /// use twoba_async::services::product_data::{Implementer, operations};
    /// use twoba_async::{Client, ClientSecret, Sessions};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let provider = Implementer::two_ba().provider().ok_or("2BA's is documented")?;
    /// let secret = ClientSecret::parse(std::env::var("TWOBA_CLIENT_SECRET")?)?;
    /// let client = Client::confidential(provider, "myApplication", secret)?;
    /// let program = Sessions::builder(client).build()?.program(["read:products"])?;
    /// let products = program.service().product_data();
    ///
    /// let product = products.get::<operations::Product>("2008710000011", "KG-60040-W").await?;
    /// println!("{}", product.body.data.details.brand_name.unwrap_or_default());
    ///
    /// let mut pages = products.pages(operations::BulkProductDetails::all().with_limit(1000)?);
    /// while let Some(page) = pages.next().await {
    ///     println!("{} more", page?.data.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
);

/// A page that was asked for.
type Asked<O> = Pin<Box<dyn Future<Output = Result<<O as Operation>::Answer, GetError>> + Send>>;

/// The pages of a list of Product Data, asked for one after the other: by [`next`](Self::next), or as a
/// [`Stream`].
///
/// After an error the same page is asked for again. A page that says that more follows, and leads to
/// itself or nowhere, is an error.
pub struct Pages<O: Bulk> {
    service: Service,
    place: Paging<O>,
    /// The page that the stream waits for.
    asked: Option<Asked<O>>,
}

impl<O: Bulk> Pages<O> {
    fn of(service: &Service, call: Call<O>) -> Self {
        Self {
            service: service.clone(),
            place: Paging::from(call),
            asked: None,
        }
    }

    /// The call for the next page, to go on from in another process. `None` after the last page.
    #[must_use]
    pub const fn following(&self) -> Option<&Call<O>> {
        self.place.next()
    }

    /// Waits for the next page. `None` after the last one. Dropping the future loses nothing: the
    /// same page is asked for again.
    ///
    /// # Errors
    ///
    /// - as for [`Service::ask`]
    pub async fn next(&mut self) -> Option<Result<O::Answer, GetError>> {
        // It goes with this future, so that nobody's place in the pace is kept for an answer that
        // nobody waits for.
        let asked = match self.asked.take() {
            Some(asked) => asked,
            None => self.ask()?,
        };
        let answer = asked.await;
        Some(self.reached(answer))
    }

    /// Asks for the next page, if there is one.
    fn ask(&self) -> Option<Asked<O>> {
        let (service, call) = (self.service.clone(), self.place.next()?.clone());
        Some(Box::pin(async move {
            let answer = service.ask(&call).await?;
            Ok(answer.body)
        }))
    }

    fn reached(&mut self, answer: Result<O::Answer, GetError>) -> Result<O::Answer, GetError> {
        let page = answer?;
        self.place.reached(&page).map_err(GetError::Service)?;
        Ok(page)
    }
}

impl<O: Bulk> Stream for Pages<O> {
    type Item = Result<O::Answer, GetError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let mut asked = match this.asked.take() {
            Some(asked) => asked,
            None => match this.ask() {
                Some(asked) => asked,
                None => return Poll::Ready(None),
            },
        };
        match asked.as_mut().poll(context) {
            Poll::Pending => {
                this.asked = Some(asked);
                Poll::Pending
            }
            Poll::Ready(answer) => Poll::Ready(Some(this.reached(answer))),
        }
    }
}

/// Nothing in it is pinned in its place.
impl<O: Bulk> Unpin for Pages<O> {}

impl<O: Bulk> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("service", &self.service)
            .field("following", &self.place.next().map(|_| O::OUTLINE.name))
            .finish_non_exhaustive()
    }
}

/// Why a service returned no data.
pub type GetError = twoba_services::GetError<Error>;
