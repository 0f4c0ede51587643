//! The names of a profile's settings, in the configuration file and in the environment.

/// A setting's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) in_file: &'static str,
    pub(crate) variable: &'static str,
    pub(super) kind: Kind,
}

/// The type of a setting's value in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// The path of a file or folder, as a text.
    Path,
    /// A list of texts.
    List,
    /// The place of a secret.
    Secret,
    /// The place of a key.
    Key,
    /// A store: a folder, or the address of a database.
    Store,
}

const fn name(in_file: &'static str, variable: &'static str, kind: Kind) -> Name {
    Name {
        in_file,
        variable,
        kind,
    }
}

pub(crate) const PROVIDER: Name = name("provider", "TWOBA_PROVIDER", Kind::Text);
pub(crate) const GRANT: Name = name("grant", "TWOBA_GRANT", Kind::Text);
pub(crate) const CLIENT_ID: Name = name("client-id", "TWOBA_CLIENT_ID", Kind::Text);
pub(crate) const CLIENT_SECRET: Name = name("client-secret", "TWOBA_CLIENT_SECRET", Kind::Secret);
pub(crate) const CLIENT_KEY: Name = name("client-key", "TWOBA_PRIVATE_KEY_FILE", Kind::Key);
pub(crate) const KEY_ID: Name = name("key-id", "TWOBA_KEY_ID", Kind::Text);
pub(crate) const AUTHENTICATION: Name =
    name("client-authentication", "TWOBA_CLIENT_AUTH", Kind::Text);
pub(crate) const AUTHORIZE: Name =
    name("authorization-endpoint", "TWOBA_AUTHORIZE_URL", Kind::Text);
pub(crate) const TOKEN: Name = name("token-endpoint", "TWOBA_TOKEN_URL", Kind::Text);
pub(crate) const REVOKE: Name = name("revocation-endpoint", "TWOBA_REVOKE_URL", Kind::Text);
pub(crate) const SERVICE: Name = name("service-base", "TWOBA_SERVICE_URL", Kind::Text);
pub(crate) const SOAP: Name = name("soap-base", "TWOBA_SOAP_URL", Kind::Text);
pub(crate) const APIX: Name = name("apix-base", "TWOBA_APIX_URL", Kind::Text);
pub(crate) const UNIFEED: Name = name("unifeed-base", "TWOBA_UNIFEED_URL", Kind::Text);
pub(crate) const ISSUER: Name = name("issuer", "TWOBA_ISSUER", Kind::Text);
pub(crate) const REPLAY: Name = name("replay", "TWOBA_REPLAY", Kind::Text);
pub(crate) const SCOPES: Name = name("scopes", "TWOBA_SCOPES", Kind::List);
pub(crate) const STORE: Name = name("store", "TWOBA_STORE", Kind::Store);
pub(crate) const STORE_KEY: Name = name("store-key", "TWOBA_STORE_KEY_FILE", Kind::Secret);
pub(crate) const AUTHORITIES: Name = name("ca-file", "TWOBA_CA_FILE", Kind::Path);

/// All settings, in the order in which they are shown.
pub(crate) const ALL: [Name; 20] = [
    PROVIDER,
    GRANT,
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_KEY,
    KEY_ID,
    AUTHENTICATION,
    AUTHORIZE,
    TOKEN,
    REVOKE,
    SERVICE,
    SOAP,
    APIX,
    UNIFEED,
    ISSUER,
    REPLAY,
    SCOPES,
    AUTHORITIES,
    STORE,
    STORE_KEY,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_the_name_that_is_meant() {
        let known = || ALL.iter().map(|name| name.in_file);
        for (written, meant) in [
            ("client_id", Some("client-id")),
            ("clientid", Some("client-id")),
            ("token-endpont", Some("token-endpoint")),
            ("Scope", Some("scopes")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(
                twoba_services::nearest(written, known()),
                meant,
                "{written}"
            );
        }
    }
}
