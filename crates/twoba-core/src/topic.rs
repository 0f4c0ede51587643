//! Names the part of `docs/trouble.md` that explains an error: its cause and its remedy.

use core::fmt;

macro_rules! topics {
    ($($(#[$told:meta])* $name:ident = $anchor:literal,)*) => {
        /// The topic of an error, for a person who looks it up. `docs/trouble.md` has a part for
        /// each topic. `Display` writes its [`anchor`](Self::anchor).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Topic {
            $($(#[$told])* $name,)*
        }

        impl Topic {
            /// All topics, in the order of the document.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The anchor of the topic in `docs/trouble.md`.
            #[must_use]
            pub fn anchor(self) -> &'static str {
                match self {
                    $(Self::$name => $anchor,)*
                }
            }
        }
    };
}

topics! {
    /// Nobody has logged in, or the person has logged out.
    NoLogin = "no-login",
    /// The server no longer accepts the session.
    SessionRefused = "session-refused",
    /// The answer to a refresh was lost, and the token may not be presented again.
    SessionLost = "session-lost",
    /// The token has ended, and there is no refresh token.
    NoRefreshToken = "no-refresh-token",
    /// An imported refresh token cannot be used.
    ImportRefused = "import-refused",
    /// The server refuses a login.
    LoginRefused = "login-refused",
    /// The browser brought back no answer to this login.
    LoginAnswer = "login-answer",
    /// Nothing was sent: the server cannot be reached.
    NotReached = "not-reached",
    /// A request may have arrived, and its answer is lost.
    AnswerLost = "answer-lost",
    /// The server is out of order, or asks to wait.
    ServerFault = "server-fault",
    /// The server refreshes only when the token has ended.
    TooEarly = "too-early",
    /// The address does not belong to a token server.
    WrongAddress = "wrong-address",
    /// The server refuses the client.
    ClientRefused = "client-refused",
    /// A service rejects a fresh token, or refuses what was asked.
    ServiceRefused = "service-refused",
    /// A service gives no usable answer.
    ServiceAnswer = "service-answer",
    /// Another process has the right to refresh.
    StoreBusy = "store-busy",
    /// The store cannot be read or written.
    StoreUnusable = "store-unusable",
    /// The database of the store cannot be reached, read or written.
    StoreDatabase = "store-database",
    /// The store is encrypted, and its key cannot be had.
    StoreKey = "store-key",
    /// The store's folder is open to others, or somebody else's.
    StorePermissions = "store-permissions",
    /// The store is a copy of another one.
    StoreCopied = "store-copied",
    /// The sessions have moved to another store.
    StoreMoved = "store-moved",
    /// The store holds an older state than this program has seen.
    StoreWentBack = "store-went-back",
    /// The stored bytes cannot be read as this session.
    Record = "record",
    /// A setting or an argument cannot be used.
    Settings = "settings",
    /// Somebody has canceled the operation.
    Canceled = "canceled",
    /// A fault of the program or its system.
    Internal = "internal",
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.anchor())
    }
}
