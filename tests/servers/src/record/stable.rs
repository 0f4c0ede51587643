//! Makes what differs from one recording to the next stable, without moving a byte: tokens, times, the port.

use anyhow::{Context, Result, bail};

/// The moment at which every recording claims to have been made.
const DATE: &str = "Fri, 01 Jan 2027 12:00:00 GMT";

/// The port that every server claims to listen on: five digits, as free ports have.
const PORT: &str = "54321";

/// JSON members that hold a time, and what stands there instead.
const TIMES: [(&str, &str); 2] = [("\"iat\"", "1798804800"), ("\"exp\"", "1798804920")];

/// JSON members whose values are secrets, with what such a value is called.
const SECRETS: [(&str, &str); 2] = [
    ("\"access_token\"", "AccessToken"),
    ("\"refresh_token\"", "RefreshToken"),
];

/// Which letters a server makes its tokens of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Letters and digits.
    Alphanumeric,
    /// These, `-` and `_`.
    Base64Url,
}

/// What is replaced in the answers of one server.
#[derive(Debug)]
pub(super) struct Stable {
    alphabet: Alphabet,
    known: Vec<Known>,
}

/// A value as it was, and what stands there instead.
#[derive(Debug)]
struct Known {
    kind: &'static str,
    value: String,
    invented: String,
}

impl Stable {
    pub(super) fn new(alphabet: Alphabet, port: u16) -> Result<Self> {
        let port = port.to_string();
        if port.len() != PORT.len() {
            bail!("the server listens on port {port}: start again, for one of five digits");
        }
        Ok(Self {
            alphabet,
            known: vec![Known {
                kind: "port",
                value: format!(":{port}"),
                invented: format!(":{PORT}"),
            }],
        })
    }

    /// Remembers a value that will not come again in another recording. The invented one has its
    /// length and its alphabet, and says what it is: the how-many-eth of which kind.
    pub(super) fn learn(&mut self, kind: &'static str, value: &str) {
        if self.known.iter().any(|known| known.value == value) {
            return;
        }
        let before = self.known.iter().filter(|known| known.kind == kind);
        let invented = invent(self.alphabet, kind, before.count() + 1, value);
        self.known.push(Known {
            kind,
            value: value.to_owned(),
            invented,
        });
    }

    /// The message with every value that changes replaced by one of its length.
    pub(super) fn apply(&mut self, message: &str) -> Result<String> {
        for (member, kind) in SECRETS {
            if let Some(value) = text_of(message, member) {
                self.learn(kind, value);
            }
        }
        let mut stable = message.to_owned();
        for known in &self.known {
            stable = stable.replace(&known.value, &known.invented);
        }
        for (member, time) in TIMES {
            stable = with_number(&stable, member, time)?;
        }
        let stable = with_date(&stable)?;
        if stable.len() != message.len() {
            bail!("a value was replaced by one of another length");
        }
        Ok(stable)
    }
}

/// A value that is nobody's: `invented-access_token-1-` and then `x`, or without the marks.
///
/// Characters outside the alphabet, as the `!` of some refresh tokens, stay where they are.
fn invent(alphabet: Alphabet, kind: &str, number: usize, value: &str) -> String {
    let name = match alphabet {
        Alphabet::Alphanumeric => format!("Invented{kind}{number}"),
        Alphabet::Base64Url => format!("Invented-{kind}_{number}-"),
    };
    let mut letters = name.chars();
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    value
        .chars()
        .map(|c| match c {
            c if is_letter(c) => letters.next().unwrap_or('x'),
            other => other,
        })
        .collect()
}

/// What stands behind `"member":`, without blanks.
fn behind<'m>(message: &'m str, member: &str) -> Option<&'m str> {
    let (_, rest) = message.split_once(member)?;
    let rest = rest.trim_start().strip_prefix(':')?;
    Some(rest.trim_start())
}

fn text_of<'m>(message: &'m str, member: &str) -> Option<&'m str> {
    let rest = behind(message, member)?.strip_prefix('"')?;
    rest.split('"').next()
}

fn with_number(message: &str, member: &str, number: &str) -> Result<String> {
    let Some(rest) = behind(message, member) else {
        return Ok(message.to_owned());
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let before = message.len() - rest.len();
    let head = message.get(..before).context("a character cut in two")?;
    let tail = rest.get(digits..).context("a character cut in two")?;
    Ok(format!("{head}{number}{tail}"))
}

fn with_date(message: &str) -> Result<String> {
    let (head, body) = message
        .split_once("\r\n\r\n")
        .context("the head breaks off")?;
    let line = |line: &str| match line.split_once(": ") {
        Some((name, _)) if name.eq_ignore_ascii_case("date") => format!("{name}: {DATE}"),
        Some(_) | None => line.to_owned(),
    };
    let lines: Vec<_> = head.split("\r\n").map(line).collect();
    Ok(format!("{}\r\n\r\n{body}", lines.join("\r\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stable(alphabet: Alphabet, messages: &[&str]) -> Vec<String> {
        let mut stable = Stable::new(alphabet, 40_123).unwrap();
        let told = messages.iter().map(|one| stable.apply(one).unwrap());
        told.collect()
    }

    #[test]
    fn tokens_are_invented_in_their_own_length() {
        let first = "HTTP/1.1 200 OK\r\n\r\n{\"access_token\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}";
        let again = "HTTP/1.1 200 OK\r\n\r\n{\"access_token\": \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}";
        assert_eq!(
            stable(Alphabet::Alphanumeric, &[first, again, first]),
            [
                "HTTP/1.1 200 OK\r\n\r\n{\"access_token\": \"InventedAccessToken1xxxxxxxxxx\"}",
                "HTTP/1.1 200 OK\r\n\r\n{\"access_token\": \"InventedAccessToken2xxxxxxxxxx\"}",
                "HTTP/1.1 200 OK\r\n\r\n{\"access_token\": \"InventedAccessToken1xxxxxxxxxx\"}",
            ]
        );
    }

    #[test]
    fn marks_outside_the_alphabet_stay() {
        let token = "ab-c!0123456789_0123456789-0123";
        let invented = invent(Alphabet::Base64Url, "RefreshToken", 2, token);
        assert_eq!(invented, "Inve!nted-RefreshToken_2-xxxxxx");
    }

    #[test]
    fn times_and_the_port_are_replaced() {
        let message = "HTTP/1.1 200 OK\r\ndate: Sun, 22 Nov 2026 11:42:49 GMT\r\n\r\n\
             {\"iss\":\"http://127.0.0.1:40123\",\"exp\":1795347889,\"iat\": 1795347769}";
        assert_eq!(
            stable(Alphabet::Base64Url, &[message]),
            [
                "HTTP/1.1 200 OK\r\ndate: Fri, 01 Jan 2027 12:00:00 GMT\r\n\r\n\
             {\"iss\":\"http://127.0.0.1:54321\",\"exp\":1798804920,\"iat\": 1798804800}"
            ]
        );
    }

    #[test]
    fn a_value_of_another_length_is_an_error() {
        let mut stable = Stable::new(Alphabet::Base64Url, 40_123).unwrap();
        assert!(stable.apply("HTTP/1.1 200 OK\r\n\r\n{\"exp\":1}").is_err());
        assert!(
            stable
                .apply("HTTP/1.1 200 OK\r\nDate: now\r\n\r\n")
                .is_err()
        );
        assert!(Stable::new(Alphabet::Base64Url, 80).is_err());
    }
}
