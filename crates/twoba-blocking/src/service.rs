//! Calls of services with the token of a session.

use std::sync::Arc;

use twoba_keeper::Keeper;
use twoba_services::product_data::{Bulk, Call, Paging};
use twoba_store::Error;

use crate::home::Home;
use crate::program::Program;
use crate::runtime::Threads;
use crate::session::Session;
use crate::waiting::{block_on, waited};

twoba_services::calling!([] waited; Session { home });
twoba_services::calling!([] waited; Program { home });
twoba_services::service!([] block_on waited; Service { home: Arc<Home> });

impl Service {
    fn keeper(&self) -> &Arc<Keeper<Threads>> {
        &self.home.keeper
    }
}

twoba_services::product_data_handle!([] waited; ProductData of Service
    /// ```no_run
    /// use twoba_blocking::services::product_data::{Implementer, operations};
    /// use twoba_blocking::{Client, ClientSecret, Sessions};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let provider = Implementer::two_ba().provider().ok_or("2BA's is documented")?;
    /// let secret = ClientSecret::parse(std::env::var("TWOBA_CLIENT_SECRET")?)?;
    /// let client = Client::confidential(provider, "myApplication", secret)?;
    /// let program = Sessions::builder(client).build().program(["read:products"])?;
    /// let products = program.service().product_data();
    ///
    /// let product = products.get::<operations::Product>("2008710000011", "KG-60040-W")?;
    /// println!("{}", product.body.data.details.brand_name.unwrap_or_default());
    ///
    /// for page in products.pages(operations::BulkProductDetails::all().with_limit(1000)?) {
    ///     println!("{} more", page?.data.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
);

/// The pages of a list of Product Data, asked for one after the other.
///
/// After an error the same page is asked for again. A page that says that more follows, and leads to
/// itself or nowhere, is an error.
#[derive(Debug)]
pub struct Pages<O> {
    service: Service,
    place: Paging<O>,
}

impl<O: Bulk> Pages<O> {
    fn of(service: &Service, call: Call<O>) -> Self {
        Self {
            service: service.clone(),
            place: Paging::from(call),
        }
    }

    /// The call for the next page, to go on from in another process. `None` after the last page.
    #[must_use]
    pub const fn following(&self) -> Option<&Call<O>> {
        self.place.next()
    }
}

impl<O: Bulk> Iterator for Pages<O> {
    type Item = Result<O::Answer, GetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let answer = self.service.ask(self.place.next()?);
        Some(answer.and_then(|answer| {
            self.place
                .reached(&answer.body)
                .map_err(GetError::Service)?;
            Ok(answer.body)
        }))
    }
}

/// Why a service returned no data.
pub type GetError = twoba_services::GetError<Error>;
