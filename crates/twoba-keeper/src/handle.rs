//! What the handles of all adapters have in common, told once: those of persons' sessions and
//! those of programs themselves.

/// The methods of a handle, which has an `entry` and a private `keeper`. `$run` is the adapter's
/// macro that waits for a future, and `[async]` is there where its methods are awaited.
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

            /// A usable access token: the stored one, or a new one where that is due.
            ///
            /// While the old token is usable it is handed out at once: an early refresh runs beside
            /// the callers, or as [`EarlyRefresh`](crate::EarlyRefresh) says, and its failure is not
            /// reported to them. Callers who have to wait share one refresh and its outcome.
            ///
            /// # Errors
            ///
            /// - nobody is logged in, or the grant is dead, which a program itself never hears:
            ///   [`RefreshError::LoginRequired`](twoba_core::RefreshError::LoginRequired)
            /// - the server cannot be reached or is out of order:
            ///   [`RefreshError::Unavailable`](twoba_core::RefreshError::Unavailable)
            /// - the server refuses the client, or its scopes:
            ///   [`RefreshError::Misconfigured`](twoba_core::RefreshError::Misconfigured)
            /// - somebody else's refresh takes longer than the patience:
            ///   [`StoreError::Busy`](twoba_store::StoreError::Busy), or
            ///   [`StoreError::HeldBy`](twoba_store::StoreError::HeldBy) where its process is known
            /// - what is stored is damaged, newer or somebody else's:
            ///   [`RefreshError::Record`](twoba_core::RefreshError::Record)
            /// - the store cannot be used: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            pub $($async)? fn token(
                &self,
            ) -> ::core::result::Result<$crate::names::AccessToken, $crate::names::Error> {
                let fresh = self.keeper().with_fresh(&self.entry, $crate::names::AccessToken::clone);
                if let Some(token) = fresh {
                    return Ok(token);
                }
                // Out of the way of the future that most calls are done with at once.
                Ok($run!(::std::boxed::Box::pin(self.keeper().token(&self.entry)))?.token)
            }

            /// What `look` makes of a usable access token, without a copy of it: for who only
            /// writes a header.
            ///
            /// # Errors
            ///
            /// - as for [`token`](Self::token)
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

            /// An access token that is not the current one: a new one, unless another process has
            /// got one meanwhile.
            ///
            /// # Errors
            ///
            /// - as for [`token`](Self::token)
            pub $($async)? fn refresh(
                &self,
            ) -> ::core::result::Result<$crate::names::AccessToken, $crate::names::Error> {
                Ok($run!(self.keeper().refresh(&self.entry))?.token)
            }

            /// What is stored of the session, without its tokens. Nothing is refreshed.
            ///
            /// # Errors
            ///
            /// - the store cannot be read: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            /// - what is there is damaged or somebody else's:
            ///   [`RefreshError::Record`](twoba_core::RefreshError::Record)
            pub $($async)? fn status(
                &self,
            ) -> ::core::result::Result<$crate::names::Status, $crate::names::Error> {
                $run!(self.keeper().status(&self.entry))
            }

            /// The access token that is stored, if it is usable and no refresh is due: for a program
            /// whose client's secret costs something to get, and that can do without it so long.
            /// Nothing is sent.
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

            /// Stores what the server has given and the store has not taken yet, for a program that
            /// ends at once: it is tried for some seconds. In a program that goes on this happens by
            /// itself. Whether there was something to store.
            ///
            /// # Errors
            ///
            /// - the store still fails: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            pub $($async)? fn save(&self) -> ::core::result::Result<bool, $crate::names::Error> {
                $run!(self.keeper().save(&self.entry))
            }

            /// Ends the session: revokes it where the provider can, and removes it here in any case.
            /// A program itself gets another token when it next asks for one.
            ///
            /// # Errors
            ///
            /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            pub $($async)? fn logout(
                &self,
            ) -> ::core::result::Result<$crate::names::LoggedOut, $crate::names::Error> {
                $run!(self.keeper().end(&self.entry, $crate::End::Revoke))
            }

            /// Removes the session here and tells the server nothing.
            ///
            /// # Errors
            ///
            /// - the store cannot be written: [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            pub $($async)? fn forget(
                &self,
            ) -> ::core::result::Result<$crate::names::LoggedOut, $crate::names::Error> {
                $run!(self.keeper().end(&self.entry, $crate::End::Forget))
            }

            /// Sends a request to a service with this token, once; the answer is returned whatever
            /// its status. Nothing is refreshed: [`call`](Self::call) is what a session is for.
            ///
            /// # Errors
            ///
            /// - as for [`call`](Self::call), but for those of the token
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

            /// Sends a request to a service with the session's token; the answer is returned
            /// whatever its status. After a 401 about the token it is sent once more, with a new
            /// token, if there is one to be had; else the 401 is the answer. It asks for no content
            /// coding, unless it has an `Accept-Encoding` of its own; gzip and deflate are undone in
            /// any case.
            ///
            /// # Errors
            ///
            /// - an address that the provider does not name:
            ///   [`ErrorKind::ForeignOrigin`](twoba_store::ErrorKind::ForeignOrigin)
            /// - no token: as for [`token`](Self::token)
            /// - no answer: [`ErrorKind::Service`](twoba_store::ErrorKind::Service)
            /// - one over 64 MiB:
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
        }
    };
}

/// What can be asked of all sessions of a client at once, with a private `keeper`.
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

            /// Refreshes each session whose grant has to be used lest the server forgets it (see
            /// [`Provider::with_keep_alive`](twoba_core::Provider::with_keep_alive)), one after the
            /// other, with pauses of up to a second: for a nightly job. Nothing of this happens
            /// unless it is called.
            ///
            /// # Errors
            ///
            /// - the store cannot say which sessions these are:
            ///   [`ErrorKind::Store`](twoba_store::ErrorKind::Store)
            pub $($async)? fn keep_alive(
                &self,
            ) -> ::core::result::Result<$crate::KeptAlive, $crate::names::Error> {
                $run!(self.keeper().keep_alive())
            }

            /// Asks the token endpoint for nothing (GET, without a word of the client), to see whether
            /// it can be reached, and what its clock says; the answer is returned whatever its
            /// status. No server grants anything for that.
            ///
            /// # Errors
            ///
            /// - no answer: [`ErrorKind::Service`](twoba_store::ErrorKind::Service)
            pub $($async)? fn reach(
                &self,
            ) -> ::core::result::Result<
                ::http::Response<::std::vec::Vec<u8>>,
                $crate::names::Error,
            > {
                $run!(self.keeper().reach())
            }

            /// Gives back the memory of sessions that nobody holds and nobody has opened lately;
            /// opening others does so too, now and then. How many are left in memory.
            #[must_use = "it tells how many are left"]
            pub fn clear_up(&self) -> usize {
                self.keeper().clear_up()
            }

            /// Whether a refresh may be out whose answer is nowhere else, or has brought what is not
            /// stored yet: a program that ends now may lose a session.
            #[must_use = "it tells whether the program may end"]
            pub fn is_exchanging(&self) -> bool {
                self.keeper().is_exchanging()
            }

            /// Leaves each grant that the store does not take where another process finds it, for a
            /// program that cannot wait any longer. A store may have no place for that, or fail.
            pub $($async)? fn rescue(&self) {
                $run!(self.keeper().rescue());
            }
        }
    };
}

/// The handle of a program itself, made by `$sessions` of what that holds (`$home`).
#[doc(hidden)]
#[macro_export]
macro_rules! program {
    ($sessions:ident => $program:ident { $home:ident: $held:ty }) => {
        /// The session of this program itself, which has no user: its client asks for tokens in its
        /// own name (client credentials, RFC 6749 section 4.4). Its clones are the same session.
        ///
        /// Nobody logs in and nothing is rotated. All programs that share a store, a client id and
        /// the scopes share the token too: one of them asks for it, beside its callers when it is
        /// due. A token is handed out only once it is stored.
        #[derive(Debug, Clone)]
        pub struct $program {
            $home: $held,
            entry: ::std::sync::Arc<$crate::Entry>,
        }

        impl $sessions {
            /// The session of this program itself, with these scopes in any order; with none it has
            /// those that the client has. All that have the same scopes share one state.
            ///
            /// # Errors
            ///
            /// - a scope that is empty or has characters that no scope has:
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
