//! The methods with which the handles of all adapters call JSON services, written once.

/// Defines the methods of a handle that call JSON services. `$run` waits for the result of the
/// handle's own methods, and `GetError` is the adapter's type.
#[doc(hidden)]
#[macro_export]
macro_rules! calling {
    ([$($async:ident)?] $run:ident; $handle:ident) => {
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
                $run!(self.call_json(&call))
            }

            /// Sends a call to the provider's JSON services and reads its answer.
            ///
            /// # Errors
            ///
            /// - as for [`get`](Self::get)
            pub $($async)? fn call_json(
                &self,
                call: &$crate::JsonCall,
            ) -> ::core::result::Result<$crate::JsonAnswer, GetError> {
                let request = call.request(self.client().provider())?;
                let response = $run!(self.call(&request)).map_err(GetError::Session)?;
                call.judge(&response).map_err(GetError::Service)
            }
        }
    };
}
