//! The methods that the handles of all adapters share, written once: those of persons' sessions and
//! those of programs' own sessions.

/// Defines the methods of a handle, which has an `entry` and a private `keeper`. `Streamed` is the
/// adapter's type. `$run` is the
/// adapter's macro that waits for a future. `[async]` is present if its methods are awaited.
#[doc(hidden)]
#[macro_export]
macro_rules! handle {
    ([$($async:ident)?] $run:ident; $handle:ident) => {
        impl $handle {
            /// The client of this session.
            #[must_use]
            pub fn client(&self) -> &$crate::names::Client {
                self.entry.program().map_or(self.keeper().client(), |own| &**own)
            }

            /// Returns a usable access token: the stored one, or a new one if a refresh is due.
            ///
            /// While the old token is usable, the session hands it out at once. An early refresh
            /// then runs beside the callers, or as [`EarlyRefresh`](crate::EarlyRefresh) says. If
            /// it fails, the callers are not told. Callers that have to wait share one refresh and
            /// its outcome.
            ///
            /// # Errors
            ///
            /// - nobody is logged in, or the grant has ended (never for a program itself):
            ///   [`RefreshError::LoginRequired`](twoba_core::RefreshError::LoginRequired)
            /// - the server cannot be reached or is out of order:
            ///   [`RefreshError::Unavailable`](twoba_core::RefreshError::Unavailable)
            /// - the server refuses the client, or its scopes:
            ///   [`RefreshError::Misconfigured`](twoba_core::RefreshError::Misconfigured)
            /// - another refresher takes longer than the caller's patience:
            ///   [`StoreError::Busy`](twoba_store::StoreError::Busy), or
            ///   [`StoreError::HeldBy`](twoba_store::StoreError::HeldBy) if its process is known
            /// - the stored bytes are damaged, newer or of another owner:
            ///   [`RefreshError::Record`](twoba_core::RefreshError::Record)
            /// - the store cannot be used: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            #[inline]
            pub $($async)? fn token(
                &self,
            ) -> ::core::result::Result<$crate::names::AccessToken, $crate::names::Error> {
                if let Some(token) = self.keeper().fresh_token(&self.entry) {
                    return Ok(token);
                }
                // Out of the way of the future that most calls are done with at once.
                Ok($run!(::std::boxed::Box::pin(self.keeper().token(&self.entry)))?.token)
            }

            /// Calls `look` with a usable access token and returns its result. The token is not
            /// copied, which is enough to write a header.
            ///
            /// # Errors
            ///
            /// - as for [`token`](Self::token)
            #[inline]
            pub $($async)? fn with_token<T>(
                &self,
                look: impl Fn(&$crate::names::AccessToken) -> T,
            ) -> ::core::result::Result<T, $crate::names::Error> {
                if let Some(seen) = self.keeper().with_fresh(&self.entry, &look) {
                    return Ok(seen);
                }
                let named = $run!(::std::boxed::Box::pin(self.keeper().token(&self.entry)))?;
                Ok(look(&named.token))
            }

            /// Returns an access token that is not the current one. It is a new one, unless another
            /// process has obtained one meanwhile.
            ///
            /// # Errors
            ///
            /// - as for [`token`](Self::token)
            pub $($async)? fn refresh(
                &self,
            ) -> ::core::result::Result<$crate::names::AccessToken, $crate::names::Error> {
                Ok($run!(self.keeper().refresh(&self.entry))?.token)
            }

            /// Returns the state of the stored session, without its tokens. Nothing is refreshed.
            ///
            /// # Errors
            ///
            /// - the store cannot be read: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            /// - the stored bytes are damaged or of another owner:
            ///   [`RefreshError::Record`](twoba_core::RefreshError::Record)
            pub $($async)? fn status(
                &self,
            ) -> ::core::result::Result<$crate::names::Status, $crate::names::Error> {
                $run!(self.keeper().status(&self.entry))
            }

            /// Returns the stored access token, if it is usable and no refresh is due. Nothing is
            /// sent. A program whose client secret is costly to fetch can use it to do without the
            /// secret for so long.
            ///
            /// # Errors
            ///
            /// - as for [`status`](Self::status)
            pub $($async)? fn stored_token(
                &self,
            ) -> ::core::result::Result<
                ::core::option::Option<$crate::names::AccessToken>,
                $crate::names::Error,
            > {
                $run!(self.keeper().stored_token(&self.entry))
            }

            /// Stores what the server has given and the store has not taken yet. It tries for some
            /// seconds, and returns whether there was something to store. Call it in a program that
            /// ends at once; a program that goes on stores by itself.
            ///
            /// # Errors
            ///
            /// - the store still fails: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            pub $($async)? fn save(&self) -> ::core::result::Result<bool, $crate::names::Error> {
                $run!(self.keeper().save(&self.entry))
            }

            /// Ends the session. It revokes the grant if the provider can, and removes the session
            /// here in any case. A program itself gets another token when it next asks for one.
            ///
            /// # Errors
            ///
            /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            pub $($async)? fn logout(
                &self,
            ) -> ::core::result::Result<$crate::names::LoggedOut, $crate::names::Error> {
                $run!(self.keeper().end(&self.entry, $crate::End::Revoke))
            }

            /// Removes the session here, without telling the server.
            ///
            /// # Errors
            ///
            /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            pub $($async)? fn forget(
                &self,
            ) -> ::core::result::Result<$crate::names::LoggedOut, $crate::names::Error> {
                $run!(self.keeper().end(&self.entry, $crate::End::Forget))
            }

            /// Sends a request to a service with this token, once. It returns the answer, whatever
            /// its status. Nothing is refreshed. Use [`call`](Self::call) to call with the
            /// session's token.
            ///
            /// # Errors
            ///
            /// - as for [`call`](Self::call), without the errors of getting a token
            pub $($async)? fn call_with(
                &self,
                token: &$crate::names::AccessToken,
                request: &::http::Request<::std::vec::Vec<u8>>,
            ) -> ::core::result::Result<
                ::http::Response<::std::vec::Vec<u8>>,
                $crate::names::Error,
            > {
                $run!(self.keeper().call_with(token, request))
            }

            /// Sends a request to a service with the session's token. It returns the answer,
            /// whatever its status.
            ///
            /// If the service answers 401 because of the token, the session gets a new token and
            /// sends the request once more. If there is no new token to be had, the 401 is the
            /// answer. The request asks for no content coding, unless it has an `Accept-Encoding`
            /// of its own. Answers in gzip and deflate are decoded in any case.
            ///
            /// # Errors
            ///
            /// - the provider does not name the address:
            ///   [`ErrorKind::ForeignOrigin`](twoba_store::ErrorKind::ForeignOrigin)
            /// - there is no token: as for [`token`](Self::token)
            /// - there is no answer: [`ErrorKind::Service`](twoba_store::ErrorKind::Service)
            /// - the answer has more than 64 MiB:
            ///   [`ErrorKind::ServiceAnswerTooLarge`](twoba_store::ErrorKind::ServiceAnswerTooLarge)
            pub $($async)? fn call(
                &self,
                request: &::http::Request<::std::vec::Vec<u8>>,
            ) -> ::core::result::Result<
                ::http::Response<::std::vec::Vec<u8>>,
                $crate::names::Error,
            > {
                $run!(self.keeper().call(&self.entry, request))
            }

            /// As [`call`](Self::call), but returns the answer as soon as its head has arrived. The
            /// body is read while it arrives, and has no limit. It keeps its content coding, if the
            /// service encodes it without being asked to.
            ///
            /// # Errors
            ///
            /// - as for [`call`](Self::call), without the limit of the answer
            pub $($async)? fn call_streaming(
                &self,
                request: &::http::Request<::std::vec::Vec<u8>>,
            ) -> ::core::result::Result<::http::Response<Streamed>, $crate::names::Error> {
                $run!(self.keeper().call_streaming(&self.entry, request))
            }
        }
    };
}

/// Defines the methods for all sessions of a client at once, with a private `keeper`.
#[doc(hidden)]
#[macro_export]
macro_rules! sessions {
    ([$($async:ident)?] $run:ident; $sessions:ident) => {
        impl $sessions {
            /// The client of all its sessions.
            #[must_use]
            pub fn client(&self) -> &$crate::names::Client {
                self.keeper().client()
            }

            /// Refreshes each session whose grant would otherwise expire unused (see
            /// [`Provider::with_keep_alive`](twoba_core::Provider::with_keep_alive)). It refreshes
            /// one session after the other, with pauses of up to a second. Call it in a nightly
            /// job; nothing else does it.
            ///
            /// # Errors
            ///
            /// - the store cannot list these sessions:
            ///   [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            pub $($async)? fn keep_alive(
                &self,
            ) -> ::core::result::Result<$crate::KeptAlive, $crate::names::Error> {
                $run!(self.keeper().keep_alive())
            }

            /// Sends an empty request to the token endpoint (GET, without the client's
            /// credentials). It shows whether the endpoint can be reached, and the time of its
            /// clock. It returns the answer, whatever its status. No server grants anything for
            /// this request.
            ///
            /// # Errors
            ///
            /// - there is no answer: [`ErrorKind::Service`](twoba_store::ErrorKind::Service)
            pub $($async)? fn reach(
                &self,
            ) -> ::core::result::Result<
                ::http::Response<::std::vec::Vec<u8>>,
                $crate::names::Error,
            > {
                $run!(self.keeper().reach())
            }

            /// Releases the memory of sessions that nobody holds or has opened lately, and returns
            /// how many are left in memory. Opening other sessions does so too, now and then.
            #[must_use = "it tells how many are left"]
            pub fn clear_up(&self) -> usize {
                self.keeper().clear_up()
            }

            /// Whether a program that ends now may lose a session. Either the answer to a refresh
            /// or to an import is still on its way, or it has brought a grant that is not stored
            /// yet.
            #[must_use = "it tells whether the program may end"]
            pub fn is_exchanging(&self) -> bool {
                self.keeper().is_exchanging()
            }

            /// Leaves each grant that the store has not taken in a place where another process
            /// finds it. Call it in a program that cannot wait any longer. The store may have no
            /// such place, or may fail.
            pub $($async)? fn rescue(&self) {
                $run!(self.keeper().rescue());
            }
        }
    };
}

/// Defines the handle of a program itself. `$sessions` makes it of what it holds (`$home`).
#[doc(hidden)]
#[macro_export]
macro_rules! program {
    ($sessions:ident => $program:ident { $home:ident: $held:ty }) => {
        /// The session of this program itself, which has no user. Its client asks for tokens in its
        /// own name (client credentials, RFC 6749 section 4.4). Its clones are the same session.
        ///
        /// Nobody logs in, and no refresh token rotates. All programs that share a store, a client
        /// id and the scopes also share the token. One of them asks for a new one when it is due,
        /// beside its callers. A token is handed out only after it is stored.
        #[derive(Debug, Clone)]
        pub struct $program {
            pub(crate) $home: $held,
            pub(crate) entry: ::std::sync::Arc<$crate::Entry>,
        }

        impl $sessions {
            /// Opens the session of this program itself, with these scopes in any order. Without
            /// scopes, it has those of the client. All sessions with the same scopes share one
            /// state.
            ///
            /// # Errors
            ///
            /// - a scope is empty or has a character that scopes may not have:
            ///   [`ErrorKind::Client`](twoba_store::ErrorKind::Client)
            pub fn program<S: AsRef<str>>(
                &self,
                scopes: impl IntoIterator<Item = S>,
            ) -> ::core::result::Result<$program, $crate::names::Error> {
                Ok($program {
                    entry: self.keeper().open_program(scopes)?,
                    $home: self.$home.clone(),
                })
            }
        }
    };
}
