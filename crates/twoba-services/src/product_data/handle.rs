//! The handle with which all adapters ask Product Data, written once.

/// Defines the handle for Product Data of an adapter, and the method of `$service` that makes it.
/// `$own` waits for the result of the handle's own methods. `GetError` and `Pages` are the adapter's
/// types.
#[doc(hidden)]
#[macro_export]
macro_rules! product_data_handle {
    ([$($async:ident)?] $own:ident; $handle:ident of $service:ident $(#[$example:meta])*) => {
        /// Product Data, asked with the token of a session. Its calls share the pace of the services
        /// that it was made of.
        ///
        /// **This is a preview**, as the [module](crate::services::product_data) is: it stands outside
        /// the stability promise.
        ///
        $(#[$example])*
        #[derive(Debug, Clone)]
        pub struct $handle {
            service: $service,
            implementer: ::core::option::Option<$crate::product_data::Implementer>,
        }

        impl $service {
            /// Product Data at the provider's service base, or [at](ProductData::at) another address.
            #[must_use]
            pub fn product_data(&self) -> $handle {
                $handle {
                    service: self.clone(),
                    implementer: None,
                }
            }

            /// The pages of a list of Product Data, from the place on that `call` names.
            #[must_use]
            pub fn pages<O: $crate::product_data::Bulk>(
                &self,
                call: $crate::product_data::Call<O>,
            ) -> Pages<O> {
                Pages::of(self, call)
            }
        }

        impl $handle {
            /// Sets whom to ask, instead of what stands at the provider's service base. The provider
            /// has to name the origin too, or no token goes there.
            #[must_use]
            pub fn at(mut self, implementer: &$crate::product_data::Implementer) -> Self {
                self.implementer = Some(implementer.clone());
                self
            }

            /// Asks an operation about one thing, which a GLN and a number name.
            ///
            /// # Errors
            ///
            /// - one is no such number: [`GetError::Call`]
            /// - as for [`ask`](Self::ask)
            pub $($async)? fn get<O: $crate::product_data::Single>(
                &self,
                gln: &str,
                number: &str,
            ) -> ::core::result::Result<$crate::product_data::Answer<O::Answer>, GetError> {
                let call = O::call(gln, number).map_err($crate::CallError::from)?;
                $own!(self.ask(&call))
            }

            /// Asks an operation by a call that may say more, such as the languages that are wanted.
            ///
            /// # Errors
            ///
            /// - the provider has no service base, and nobody is set: [`GetError::Call`]
            /// - there is no token, or no answer: [`GetError::Session`]
            /// - the service refuses or fails: [`GetError::Service`]
            pub $($async)? fn ask<O: $crate::product_data::Operation>(
                &self,
                call: &$crate::product_data::Call<O>,
            ) -> ::core::result::Result<$crate::product_data::Answer<O::Answer>, GetError> {
                $own!(self.service.ask(&self.there(call)))
            }

            /// The pages of a list, from the place on that `call` names.
            #[must_use]
            pub fn pages<O: $crate::product_data::Bulk>(
                &self,
                call: $crate::product_data::Call<O>,
            ) -> Pages<O> {
                self.service.pages(self.there(&call))
            }

            /// Asks for the next page of a synchronization; see
            /// [`Sync::turn`](crate::services::product_data::Sync::turn).
            ///
            /// # Errors
            ///
            /// - as for [`ask`](Self::ask)
            pub $($async)? fn sync<O: $crate::product_data::Bulk>(
                &self,
                sync: &$crate::product_data::Sync,
                call: &$crate::product_data::Call<O>,
                now: ::twoba_core::Timestamp,
            ) -> ::core::result::Result<$crate::product_data::SyncAnswer<O::Item>, GetError> {
                $own!(self.service.ask(&sync.turn(&self.there(call), now)))
            }

            /// The call at whom is asked.
            fn there<O: $crate::product_data::Operation>(
                &self,
                call: &$crate::product_data::Call<O>,
            ) -> $crate::product_data::Call<O> {
                match &self.implementer {
                    Some(implementer) => call.clone().at(implementer),
                    None => call.clone(),
                }
            }
        }
    };
}
