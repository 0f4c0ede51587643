//! What the enumerations have in common: known values are variants, unknown ones are kept as text.

/// Declares an enumeration by its known values.
macro_rules! open_enumeration {
    ($(#[$note:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$note])*
        ///
        /// It is made from text by `From`, which finds the known values.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`.")]
                $variant,
            )*
            /// A value that this version does not know.
            Unknown(Box<str>),
        }

        impl $name {
            /// The values that this version knows, as the API writes them.
            pub const KNOWN: &'static [&'static str] = &[$($text,)*];

            /// The value as the API writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            #[allow(non_upper_case_globals, reason = "constants are named after the variants")]
            fn from(text: &str) -> Self {
                // Texts are compared one after the other, bytes all at once.
                $(const $variant: &[u8] = $text.as_bytes();)*
                match text.as_bytes() {
                    $($variant => Self::$variant,)*
                    _ => Self::Unknown(text.into()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(super::lists::Named(std::marker::PhantomData))
            }
        }
    };
}
