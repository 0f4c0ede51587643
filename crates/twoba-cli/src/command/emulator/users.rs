//! Reads the file of `twoba emulator --users`: the clients and users, or the mistake in it.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;
use twoba_emulator::{PublicKey, RegisteredClient, RegisteredUser};

use crate::failure::Failure;

/// The clients and users of a file: at least one of each.
#[derive(Debug)]
pub(crate) struct Users {
    pub(crate) clients: Vec<RegisteredClient>,
    pub(crate) users: Vec<RegisteredUser>,
}

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    client: Vec<Client>,
    #[serde(default)]
    user: Vec<User>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Client {
    id: Spanned<String>,
    secret: Option<Spanned<Secret>>,
    #[serde(default)]
    redirect_uris: Vec<Spanned<String>>,
    public_key: Option<Spanned<String>>,
    scopes: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    name: Spanned<String>,
    password: Spanned<Secret>,
}

/// A secret or password. It has no `Debug`.
struct Secret(String);

impl<'de> Deserialize<'de> for Secret {
    /// Reads a string. An error does not repeat the value, which may be the secret.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer) {
            Ok(toml::Value::String(text)) => Ok(Self(text)),
            Ok(_) | Err(_) => Err(de::Error::custom(
                "a secret or password is a string in quotes",
            )),
        }
    }
}

const ENTRIES: &str = "an application is a [[client]] with id, secret (none: a public client) and \
                       redirect-uris, a person a [[user]] with name and password";

/// Reads the file at `path`.
pub(crate) fn read(path: &Path) -> Result<Users, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::configuration(format!("cannot read {}: {error}", path.display()))
            .advise("name a TOML file, or leave --users out for the demo client and users")
    })?;
    parse(&text).map_err(|wrong| {
        let place = match wrong.at {
            Some(at) => format!("{} line {}", path.display(), line(&text, &at)),
            None => path.display().to_string(),
        };
        Failure::configuration(format!("{place}: {}", wrong.what)).advise(wrong.advice)
    })
}

/// The mistake in a file. It never holds a secret.
struct Wrong {
    at: Option<Range<usize>>,
    what: String,
    advice: &'static str,
}

impl Wrong {
    fn at<T>(place: &Spanned<T>, what: impl Into<String>, advice: &'static str) -> Self {
        Self {
            at: Some(place.span()),
            what: what.into(),
            advice,
        }
    }

    fn missing(what: &str) -> Self {
        Self {
            at: None,
            what: what.to_owned(),
            advice: ENTRIES,
        }
    }
}

fn line(text: &str, at: &Range<usize>) -> usize {
    let before = text.get(..at.start).unwrap_or(text);
    before.matches('\n').count() + 1
}

fn parse(text: &str) -> Result<Users, Wrong> {
    // Only the message: the library's own picture shows the line, and it may hold a secret.
    let document: Document = toml::from_str(text).map_err(|error| Wrong {
        at: error.span(),
        what: error.message().replace('\n', " "),
        advice: ENTRIES,
    })?;
    if document.client.is_empty() {
        return Err(Wrong::missing("there is no [[client]]"));
    }
    if document.user.is_empty() {
        return Err(Wrong::missing("there is no [[user]]"));
    }
    no_repeats(document.client.iter().map(|client| &client.id), "client")?;
    no_repeats(document.user.iter().map(|user| &user.name), "user")?;
    Ok(Users {
        clients: document
            .client
            .into_iter()
            .map(client)
            .collect::<Result<_, _>>()?,
        users: document
            .user
            .into_iter()
            .map(user)
            .collect::<Result<_, _>>()?,
    })
}

/// Refuses repeated names. The emulator itself would silently use the later entry.
fn no_repeats<'n>(
    names: impl Iterator<Item = &'n Spanned<String>>,
    kind: &str,
) -> Result<(), Wrong> {
    let mut seen = HashMap::new();
    for name in names {
        if seen.insert(name.get_ref().as_str(), ()).is_some() {
            return Err(Wrong::at(
                name,
                format!("there are two entries for the {kind} {:?}", name.get_ref()),
                "keep one of them",
            ));
        }
    }
    Ok(())
}

fn client(entry: Client) -> Result<RegisteredClient, Wrong> {
    let id = named(entry.id, "the id is empty")?;
    let client = match entry.secret {
        Some(secret) => {
            let secret = not_empty(secret, "leave it out for a public client")?;
            RegisteredClient::confidential(id, secret)
        }
        None => RegisteredClient::public(id),
    };
    let client = match entry.public_key {
        Some(pem) => client.with_key(public_key(&pem)?),
        None => client,
    };
    let client = match entry.scopes {
        Some(scopes) => client.with_scopes(scopes),
        None => client,
    };
    entry.redirect_uris.into_iter().try_fold(client, |client, uri| {
        if is_redirect_uri(uri.get_ref()) {
            Ok(client.with_redirect_uri(uri.into_inner()))
        } else {
            Err(Wrong::at(
                &uri,
                "this is no redirect URI",
                "write it whole and without fragment, as https://shop.example/callback; those on \
                 loopback need not be written",
            ))
        }
    })
}

fn public_key(pem: &Spanned<String>) -> Result<PublicKey, Wrong> {
    PublicKey::from_pem(pem.get_ref()).map_err(|error| {
        let advice = "write what `openssl pkey -pubout` prints between three quotes";
        Wrong::at(pem, error.to_string(), advice)
    })
}

fn user(entry: User) -> Result<RegisteredUser, Wrong> {
    let name = named(entry.name, "the name is empty")?;
    let password = not_empty(entry.password, "the login page takes no empty password")?;
    Ok(RegisteredUser::new(name, password))
}

fn named(name: Spanned<String>, what: &str) -> Result<String, Wrong> {
    if name.get_ref().is_empty() {
        return Err(Wrong::at(&name, what, ENTRIES));
    }
    Ok(name.into_inner())
}

fn not_empty(secret: Spanned<Secret>, advice: &'static str) -> Result<String, Wrong> {
    if secret.get_ref().0.is_empty() {
        return Err(Wrong::at(
            &secret,
            "the secret or password is empty",
            advice,
        ));
    }
    Ok(secret.into_inner().0)
}

/// RFC 6749 section 3.1.2: absolute and without a fragment.
fn is_redirect_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        // They run or show what follows instead of bringing a code anywhere.
        && !["javascript", "data", "vbscript", "file"]
            .iter()
            .any(|forbidden| scheme.eq_ignore_ascii_case(forbidden))
        && !rest.is_empty()
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"#\"<>\\".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "[[client]]\nid = \"shop\"\n";
    const USER: &str = "[[user]]\nname = \"anna\"\npassword = \"canary\"\n";

    fn read_text(text: &str) -> Result<Users, Failure> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        read(file.path())
    }

    /// The message of the failure, after the file's name, and its advice.
    #[track_caller]
    fn told(text: &str) -> (String, String) {
        let failure = read_text(text).unwrap_err();
        assert_eq!(failure.exit(), 2);
        let (_, message) = failure.message().split_once(".tmp").unwrap();
        let message = message.split_at(message.find([' ', ':']).unwrap()).1;
        (
            message.trim_start().to_owned(),
            failure.advice().unwrap().to_owned(),
        )
    }

    #[test]
    fn clients_and_users_are_read() {
        let found = read_text(
            "[[client]]\nid = \"shop\"\nsecret = \"s\"\n\
             redirect-uris = [\"https://shop.example/cb\", \"nl.2ba.uol://tokenreceiver\"]\n\
             [[client]]\nid = \"app\"\n\
             [[user]]\nname = \"anna\"\npassword = \"p@ss word+&=%\u{e9}\"\n",
        )
        .unwrap();
        let clients: Vec<_> = found
            .clients
            .iter()
            .map(|client| (client.id(), client.is_public()))
            .collect();
        assert_eq!(clients, [("shop", false), ("app", true)]);
        assert_eq!(found.users[0].name(), "anna");
    }

    #[test]
    fn keys_and_scopes_of_clients_are_read() {
        let key = "public-key = \"\"\"\n-----BEGIN PUBLIC KEY-----\n\
            MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
            -----END PUBLIC KEY-----\n\"\"\"\n";
        let text = format!("{CLIENT}{key}scopes = [\"read\"]\n{USER}");
        let found = read_text(&text).unwrap();
        assert!(!found.clients[0].is_public());
        let (message, advice) = told(&format!("{CLIENT}public-key = \"x\"\n{USER}"));
        assert!(message.starts_with("line 3: no public key"), "{message}");
        assert!(advice.contains("openssl pkey -pubout"), "{advice}");
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn a_wrong_file_is_told_with_line_and_advice() {
        for (text, message, advice) in [
            (
                String::new(),
                ": there is no [[client]]",
                "[[client]] with id",
            ),
            (
                CLIENT.to_owned(),
                ": there is no [[user]]",
                "[[user]] with name",
            ),
            (
                format!("{CLIENT}{USER}{CLIENT}"),
                "line 7: there are two entries for the client \"shop\"",
                "keep one",
            ),
            (
                format!("{CLIENT}{USER}{USER}"),
                "line 7: there are two entries for the user \"anna\"",
                "keep one",
            ),
            (
                format!("{CLIENT}secret = \"\"\n{USER}"),
                "line 3: the secret or password is empty",
                "public client",
            ),
            (
                format!("{CLIENT}[[user]]\nname = \"anna\"\npassword = ''\n"),
                "line 5: the secret or password is empty",
                "no empty password",
            ),
            (
                format!("[[client]]\nid = \"\"\n{USER}"),
                "line 2: the id is empty",
                "[[client]] with id",
            ),
            (
                format!("{CLIENT}redirect-uris = [\n\"https://a.example/\",\n\"/cb\",\n]\n{USER}"),
                "line 5: this is no redirect URI",
                "whole and without fragment",
            ),
            (
                format!("{CLIENT}redirect_uris = []\n{USER}"),
                "line 3: unknown field `redirect_uris`",
                "redirect-uris",
            ),
            (
                format!("[[users]]\n{USER}"),
                "line 1: unknown field `users`",
                "a [[user]] with",
            ),
            (
                format!("{CLIENT}[[user]]\nname = \"anna\"\n"),
                "line 3: missing field `password`",
                "with name and password",
            ),
        ] {
            let (found, advised) = told(&text);
            assert!(found.starts_with(message), "{text}\n{found}");
            assert!(advised.contains(advice), "{text}\n{advised}");
        }
    }

    #[test]
    fn no_error_repeats_a_secret() {
        for line in [
            "password = canary",
            "password = \"canary",
            "password = [\"canary\"]",
            "password = { canary = 1 }",
            "password = 'canary' 'canary'",
            "password \"canary\"",
            "password = \"canary\"\npassword = \"canary\"",
            "password = \"canary\\q\"",
            "password = \"canary\"\nrole = \"canary\"",
        ] {
            let failure =
                read_text(&format!("{CLIENT}[[user]]\nname = \"anna\"\n{line}\n")).unwrap_err();
            let told = format!("{failure:?}");
            assert!(!told.contains("canary"), "{line}: {told}");
            assert!(failure.message().contains("line "), "{line}: {told}");
        }
        for number in ["4711", "4711.5", "true", "1979-05-27"] {
            let failure = read_text(&format!("{CLIENT}secret = {number}\n{USER}")).unwrap_err();
            assert!(
                failure.message().contains("line 3: a secret"),
                "{failure:?}"
            );
            assert!(!failure.message().contains(number), "{failure:?}");
        }
        let read = read_text(&format!("{CLIENT}secret = \"canary\"\n{USER}")).unwrap();
        assert!(!format!("{read:?}").contains("canary"));
    }

    #[test]
    fn a_file_that_is_not_there_is_told_by_name() {
        let failure = read(Path::new("/nowhere/users.toml")).unwrap_err();
        assert!(
            failure
                .message()
                .starts_with("cannot read /nowhere/users.toml: ")
        );
        assert!(failure.advice().unwrap().contains("leave --users out"));
    }

    #[test]
    fn redirect_uris_are_whole_and_bring_a_code_somewhere() {
        for uri in [
            "https://a.example/cb?x=1",
            "nl.2ba.uol://token",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert!(is_redirect_uri(uri), "{uri}");
        }
        for uri in [
            "",
            "/cb",
            "a.example/cb",
            "https://a/#f",
            "JavaScript:alert(1)",
            "1a:b",
            "a:b c",
        ] {
            assert!(!is_redirect_uri(uri), "{uri}");
        }
    }
}
