//! The methods with which the handles of all adapters call services, written once.

/// Defines the methods of a handle that call services. `$run` waits for the result of the handle's
/// own methods, and `GetError` and `Service` are the adapter's types.
#[doc(hidden)]
#[macro_export]
macro_rules! calling {
    ([$($async:ident)?] $run:ident; $handle:ident { $home:ident }) => {
        impl $handle {
            /// Calls a function of the provider's JSON services and reads its answer.
            ///
            /// # Errors
            ///
            /// - the call is invalid: [`GetError::Call`]
            /// - there is no token, or no answer: [`GetError::Session`]
            /// - the service refuses or fails: [`GetError::Service`]
            pub $($async)? fn get(
                &self,
                function: &str,
                parameters: &[(&str, &str)],
            ) -> ::core::result::Result<$crate::JsonAnswer, GetError> {
                let call = $crate::JsonCall::with_parameters(function, parameters)?;
                $run!(self.ask(&call))
            }

            /// Asks a service: sends the request of `function` with the session's token, and reads
            /// the answer. A function is a question of any protocol: JSON, SOAP, ApiX or Product
            /// Data.
            ///
            /// # Errors
            ///
            /// - as for [`get`](Self::get)
            pub $($async)? fn ask<F: $crate::Function>(
                &self,
                function: &F,
            ) -> ::core::result::Result<F::Answer, GetError> {
                let request = function.request(self.client().provider())?;
                let response = $run!(self.call(&request)).map_err(GetError::Session)?;
                function.judge(&response).map_err(GetError::Service)
            }

            /// Makes the address that opens Unifeed for this person. The token is in it: show it to
            /// the person's browser and to nobody else.
            ///
            /// # Errors
            ///
            /// - the address cannot be made: [`GetError::Call`]
            /// - there is no token: [`GetError::Session`]
            pub $($async)? fn unifeed(
                &self,
                start: &$crate::UnifeedStart,
            ) -> ::core::result::Result<$crate::UnifeedAddress, GetError> {
                let token = $run!(self.token()).map_err(GetError::Session)?;
                Ok(start.address(self.client().provider(), &token)?)
            }

            /// Services for many calls: they are polite to the service, and repeat what may be
            /// repeated.
            #[must_use]
            pub fn service(&self) -> Service {
                Service {
                    $home: self.$home.clone(),
                    entry: ::std::sync::Arc::clone(&self.entry),
                    pace: ::std::sync::Arc::default(),
                }
            }
        }
    };
}

/// Defines the handle for many calls of an adapter, with a private `keeper`. `$run` waits for a
/// future, and `$own` for the result of the handle's own methods.
#[doc(hidden)]
#[macro_export]
macro_rules! service {
    ([$($async:ident)?] $run:ident $own:ident; $service:ident { $home:ident: $held:ty }) => {
        /// The services of a provider, for a program that calls them often. Its clones share one
        /// pace.
        ///
        /// At most eight calls are out at once. If the service asks to wait (`Retry-After`), all
        /// callers wait, up to a minute. A question that only reads is sent up to four times if
        /// its answer is lost, or if the service cannot answer now. Both numbers can be set.
        #[derive(Debug, Clone)]
        pub struct $service {
            $home: $held,
            entry: ::std::sync::Arc<::twoba_keeper::Entry>,
            pace: ::std::sync::Arc<::twoba_keeper::Pace>,
        }

        impl $service {
            /// Sets how many calls are out at once, at least one. It begins a pace of its own.
            #[must_use]
            pub fn at_once(mut self, calls: usize) -> Self {
                self.pace = self.pace.with_at_once(calls).into();
                self
            }

            /// Sets how often a call is sent at most, at least once. It begins a pace of its own.
            #[must_use]
            pub fn attempts(mut self, attempts: u32) -> Self {
                self.pace = self.pace.with_attempts(attempts).into();
                self
            }

            /// Calls a function of the provider's JSON services and reads its answer into a type of
            /// the caller's.
            ///
            /// # Errors
            ///
            /// - as for [`ask`](Self::ask)
            /// - the answer has another form than `T`: [`GetError::Service`]
            pub $($async)? fn get<T: $crate::DeserializeOwned>(
                &self,
                function: &str,
                parameters: &[(&str, &str)],
            ) -> ::core::result::Result<T, GetError> {
                let call = $crate::JsonCall::with_parameters(function, parameters)?;
                $own!(self.ask(&call.reading::<T>()))
            }

            /// Asks a service: sends the request of `function` with the session's token, and reads
            /// the answer.
            ///
            /// # Errors
            ///
            /// - the call is invalid: [`GetError::Call`]
            /// - there is no token, or no answer: [`GetError::Session`]
            /// - the service refuses or fails: [`GetError::Service`]
            pub $($async)? fn ask<F: $crate::Function>(
                &self,
                function: &F,
            ) -> ::core::result::Result<F::Answer, GetError> {
                let request = function.request(self.keeper().client().provider())?;
                let call = self.keeper().paced_call(
                    &self.entry,
                    &request,
                    &self.pace,
                    function.is_repeatable(),
                );
                let response = $run!(call).map_err(GetError::Session)?;
                function.judge(&response).map_err(GetError::Service)
            }

            /// Calls an operation of a SOAP service. It reads the service's description first, which
            /// knows the namespace and the action of the operation.
            ///
            /// # Errors
            ///
            /// - as for [`ask`](Self::ask)
            /// - the service has no such operation: [`GetError::Call`]
            pub $($async)? fn soap(
                &self,
                service: &str,
                operation: &str,
                parameters: &[(&str, &str)],
            ) -> ::core::result::Result<$crate::SoapAnswer, GetError> {
                let description = $crate::SoapDescription::of(service)?;
                let description = $own!(self.ask(&description))?;
                let call = $crate::SoapCall::described(&description, operation)?;
                let call = parameters.iter().fold(call, |call, (name, value)| {
                    call.with_parameter(*name, *value)
                });
                $own!(self.ask(&call))
            }
        }
    };
}
