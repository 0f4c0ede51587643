//! Reads `WWW-Authenticate` by its grammar: the schemes that a service or server asks for.

use alloc::string::String;
use alloc::vec::Vec;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Response, StatusCode};

use crate::text::marked;

/// Most challenges that are read, and most parameters of one. Servers send a few.
const COUNT_MAX: usize = 32;

/// One challenge: a scheme and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Challenge {
    /// The scheme in lower case, such as `bearer`.
    pub scheme: String,
    /// The single value of a scheme without parameters.
    pub token68: Option<String>,
    /// The parameters: names in lower case, each once, and values without their quotes. If a name is
    /// repeated, its first value counts.
    pub parameters: Vec<(String, String)>,
}

/// What a Bearer challenge says about the token (RFC 6750 section 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BearerError {
    /// The request is malformed. Another token would not help.
    InvalidRequest,
    /// The token is expired, revoked or otherwise invalid. Another one may help.
    InvalidToken,
    /// The token's scope is too small. A refreshed token has the same scope.
    InsufficientScope,
    /// A code that the specification does not define, bounded.
    Other(String),
}

impl Challenge {
    /// The value of a parameter. `name` must be in lower case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    /// Reads all challenges of a response, in order. An unreadable part ends its header line. The
    /// text before it counts up to the last comma, and the other lines count in full.
    ///
    /// ```
    /// use http::{HeaderMap, header};
    /// use twoba_core::Challenge;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert(
    ///     header::WWW_AUTHENTICATE,
    ///     "Basic realm=\"a, b\", Bearer error=invalid_token".parse()?,
    /// );
    /// let challenges = Challenge::parse(&headers);
    /// assert_eq!(challenges[1].parameter("error"), Some("invalid_token"));
    /// # Ok::<(), http::header::InvalidHeaderValue>(())
    /// ```
    #[must_use]
    pub fn parse(headers: &HeaderMap) -> Vec<Self> {
        let mut challenges = Vec::new();
        for value in headers.get_all(WWW_AUTHENTICATE) {
            let mut reader = Reader {
                text: value.as_bytes(),
                at: 0,
            };
            reader.challenges(&mut challenges);
        }
        challenges
    }
}

impl BearerError {
    /// The error in the Bearer challenge of a response, if there is one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let challenges = Challenge::parse(headers);
        let mut bearer = challenges.iter().filter(|one| one.scheme == "bearer");
        let error = bearer.find_map(|challenge| challenge.parameter("error"))?;
        Some(match error {
            "invalid_request" => Self::InvalidRequest,
            "invalid_token" => Self::InvalidToken,
            "insufficient_scope" => Self::InsufficientScope,
            other => Self::Other(marked(other)),
        })
    }
}

/// Whether a service rejects the token, so that another token may help.
///
/// That is so for a 401, unless its Bearer challenge says that the request is malformed or that the
/// scope is too small. A refreshed token would not change either (RFC 6750 section 3.1).
#[must_use]
pub fn rejects_token<B>(response: &Response<B>) -> bool {
    response.status() == StatusCode::UNAUTHORIZED
        && !matches!(
            BearerError::of(response.headers()),
            Some(BearerError::InvalidRequest | BearerError::InsufficientScope)
        )
}

/// The text after a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// A whole challenge.
    Whole,
    /// A readable part up to a comma, and an unreadable rest.
    Junk,
    /// Nothing readable.
    Nothing,
}

/// RFC 9110 section 11: a list of `scheme [ 1*SP ( token68 / #parameter ) ]`, in which a comma
/// may end a parameter or a whole challenge.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn challenges(&mut self, challenges: &mut Vec<Challenge>) {
        loop {
            self.skip(|b| b == b' ' || b == b'\t' || b == b',');
            if challenges.len() >= COUNT_MAX {
                return;
            }
            let Some(scheme) = self.token() else {
                return;
            };
            let mut challenge = Challenge {
                scheme: scheme.to_ascii_lowercase(),
                token68: None,
                parameters: Vec::new(),
            };
            let behind = match self.peek() {
                Some(b' ') => self.behind(&mut challenge),
                Some(b',') | None => Behind::Whole,
                // A word that something else follows is no scheme.
                Some(_) => Behind::Nothing,
            };
            // The scheme of a challenge without a whole part is not to be trusted either.
            if behind != Behind::Nothing {
                challenges.push(challenge);
            }
            if behind != Behind::Whole {
                return;
            }
        }
    }

    /// Reads the text after a scheme and its space.
    fn behind(&mut self, challenge: &mut Challenge) -> Behind {
        self.skip(|b| b == b' ');
        if let Some(token68) = self.token68() {
            challenge.token68 = Some(token68);
            return Behind::Whole;
        }
        let mut junk = Behind::Nothing;
        loop {
            let passed = self.at;
            self.skip(|b| b == b' ' || b == b'\t' || b == b',');
            let separators = self.text.get(passed..self.at).unwrap_or_default();
            if separators.contains(&b',') {
                junk = Behind::Junk;
            }
            if self.at >= self.text.len() {
                return Behind::Whole;
            }
            let start = self.at;
            let Some(name) = self.token() else {
                return junk;
            };
            self.skip(|b| b == b' ' || b == b'\t');
            if !self.eat(b'=') {
                // No parameter: behind a comma the next challenge begins here.
                self.at = start;
                return match junk {
                    Behind::Junk => Behind::Whole,
                    Behind::Nothing | Behind::Whole => Behind::Nothing,
                };
            }
            self.skip(|b| b == b' ' || b == b'\t');
            let Some(value) = self.value() else {
                return junk;
            };
            self.skip(|b| b == b' ' || b == b'\t');
            if !matches!(self.peek(), None | Some(b',')) || challenge.parameters.len() >= COUNT_MAX
            {
                return junk;
            }
            let name = name.to_ascii_lowercase();
            if challenge.parameter(&name).is_none() {
                challenge.parameters.push((name, value));
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Skips bytes of this kind. Returns whether there were any.
    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) -> bool {
        let start = self.at;
        while self.peek().is_some_and(&is_skipped) {
            self.at += 1;
        }
        self.at > start
    }

    fn token(&mut self) -> Option<String> {
        let start = self.at;
        self.skip(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        let found = self.text.get(start..self.at)?;
        (!found.is_empty()).then(|| String::from_utf8_lossy(found).into_owned())
    }

    /// A token68 that ends its challenge. Otherwise the reader takes nothing.
    fn token68(&mut self) -> Option<String> {
        let start = self.at;
        self.skip(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b));
        let some = self.at > start;
        self.skip(|b| b == b'=');
        let end = self.at;
        self.skip(|b| b == b' ' || b == b'\t');
        if some && matches!(self.peek(), None | Some(b',')) {
            let found = self.text.get(start..end)?;
            return Some(String::from_utf8_lossy(found).into_owned());
        }
        self.at = start;
        None
    }

    fn value(&mut self) -> Option<String> {
        if !self.eat(b'"') {
            return self.token();
        }
        let mut value = Vec::new();
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(String::from_utf8_lossy(&value).into_owned());
                }
                b'\\' => {
                    self.at += 1;
                    value.push(self.peek()?);
                }
                byte => value.push(byte),
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    /// Each challenge as `scheme token68 name=value`.
    fn read(lines: &[&str]) -> Vec<String> {
        Challenge::parse(&headers(lines))
            .into_iter()
            .map(|one| {
                let mut text = one.scheme;
                if let Some(token68) = one.token68 {
                    text.push_str(&format!(" {token68}"));
                }
                for (name, value) in one.parameters {
                    text.push_str(&format!(" {name}={value}"));
                }
                text
            })
            .collect()
    }

    // shows: US6
    #[test]
    fn challenges_are_read_by_their_grammar() {
        for (line, expected) in [
            ("", &[][..]),
            ("Bearer", &["bearer"]),
            ("BEARER REALM=\"x\"", &["bearer realm=x"]),
            ("Basic realm=a, Bearer", &["basic realm=a", "bearer"]),
            ("Bearer, Basic", &["bearer", "basic"]),
            (
                "Negotiate abc==, Bearer a=b",
                &["negotiate abc==", "bearer a=b"],
            ),
            ("Bearer a = \"b\" , c=d", &["bearer a=b c=d"]),
            ("Bearer error=\"a\\\"b, c\"", &["bearer error=a\"b, c"]),
            (", ,Bearer ,a=b,, c=d ,", &["bearer a=b c=d"]),
            ("Bearer realm=\"\"", &["bearer realm="]),
            ("Basic x=y, Bearer error=\"unclosed", &["basic x=y"]),
            ("Bearer a=b c=d", &[]),
            ("Bearer a b", &[]),
            ("Bearer a=b, c d=e, f g", &["bearer a=b", "c d=e", "f g"]),
            // A good challenge stands though junk follows its comma.
            ("Basic realm=a, Bearer =", &["basic realm=a"]),
            ("Bearer error=x, =", &["bearer error=x"]),
            ("Bearer error=x, realm=\"unclosed", &["bearer error=x"]),
            ("Bearer error=x, \u{e9}", &["bearer error=x"]),
            ("Bearer error=x, a=b c", &["bearer error=x"]),
            ("Bearer, \u{e9}", &["bearer"]),
            ("Bearer , =", &["bearer"]),
            ("Negotiate abc==, =", &["negotiate abc=="]),
            // A word is a scheme only if a space, a comma or the end follows it.
            ("Bearer=", &[]),
            ("Bearer\"realm\"", &[]),
            ("Bearer\terror=invalid_token", &[]),
            ("Bearer/1.0", &[]),
            ("Bearer: error=x", &[]),
            ("Basic realm=a, Bearer(x)", &["basic realm=a"]),
            // A name that is repeated counts once.
            ("Bearer a=b, A=c, d=e", &["bearer a=b d=e"]),
        ] {
            assert_eq!(read(&[line]), expected, "{line}");
        }
        assert_eq!(
            read(&["Bearer error=\"", "Basic realm=\"x\""]),
            ["basic realm=x"],
            "a good challenge beside a broken one"
        );
    }

    #[test]
    fn the_error_of_a_bearer_challenge_is_found_beside_others() {
        for (line, expected) in [
            (
                "Bearer error=\"invalid_token\"",
                Some(BearerError::InvalidToken),
            ),
            (
                "Basic realm=x, Bearer realm=y, error=insufficient_scope",
                Some(BearerError::InsufficientScope),
            ),
            (
                "bearer error=invalid_request",
                Some(BearerError::InvalidRequest),
            ),
            ("Bearer error=x", Some(BearerError::Other("x".into()))),
            ("Bearer realm=x", None),
            ("Basic error=invalid_token", None),
            ("", None),
        ] {
            assert_eq!(BearerError::of(&headers(&[line])), expected, "{line}");
        }
    }

    // shows: US6
    #[test]
    fn only_a_401_about_the_token_rejects_it() {
        let answer = |status: u16, line: &str| {
            let mut response = Response::new(());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            *response.headers_mut() = headers(&[line]);
            rejects_token(&response)
        };
        assert!(answer(401, "Bearer error=\"invalid_token\""));
        assert!(answer(401, "Bearer") && answer(401, "Basic realm=x") && answer(401, "?"));
        assert!(!answer(401, "Bearer error=insufficient_scope"));
        assert!(!answer(401, "Bearer error=invalid_request"));
        assert!(!answer(403, "Bearer error=insufficient_scope"));
        assert!(!answer(400, "Bearer error=invalid_request"));
        assert!(!answer(200, "Bearer error=invalid_token"));
    }

    #[test]
    fn many_challenges_and_parameters_are_bounded() {
        let many = "A,".repeat(1000);
        assert_eq!(read(&[&many]).len(), COUNT_MAX);
        let parameters: String = (0..1000).map(|n| format!("a{n}=b,")).collect();
        let challenges = Challenge::parse(&headers(&[&format!("Bearer {parameters}")]));
        assert_eq!(challenges[0].parameters.len(), COUNT_MAX);
    }
}
