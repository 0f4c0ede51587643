//! Wraps an answer in a callback, and checks the callback's name.

/// The longest name of a callback.
const MAX_NAME: usize = 128;

/// A callback, and the manner of its call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jsonp {
    name: String,
    manner: Manner,
}

/// The manner of calling a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Manner {
    /// As 2BA documents it for errors, with the status on a line of its own.
    Token,
    /// As the WCF framework below 2BA's services does it.
    Service,
}

impl Jsonp {
    /// Makes a callback of that name, if it is a dotted path of ASCII identifiers.
    #[must_use]
    pub fn parse(name: &str, manner: Manner) -> Option<Self> {
        // Anything else could smuggle a script of its own in front of the answer.
        let valid = name.len() <= MAX_NAME && name.split('.').all(is_identifier);
        valid.then(|| Self {
            name: name.to_owned(),
            manner,
        })
    }

    /// The media type of the call.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        match self.manner {
            Manner::Token => "application/javascript",
            Manner::Service => "application/x-javascript",
        }
    }

    /// Writes the call. A status other than 200 becomes the second argument.
    #[must_use]
    pub fn wrap(&self, json: &str, status: u16) -> String {
        let name = &self.name;
        match (self.manner, status) {
            (_, 200) => format!("{name}({json});"),
            (Manner::Token, _) => format!("{name}({json},\r\n    {status}\r\n);"),
            (Manner::Service, _) => format!("{name}({json}, {status});"),
        }
    }
}

fn is_identifier(text: &str) -> bool {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$';
    text.bytes().next().is_some_and(starts)
        && text
            .bytes()
            .all(|byte| starts(byte) || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str) -> Option<Jsonp> {
        Jsonp::parse(name, Manner::Token)
    }

    #[test]
    fn a_callback_is_a_dotted_identifier() {
        for name in ["cb", "_", "$", "jQuery_123.done", "a.b.c1"] {
            assert!(parse(name).is_some(), "{name}");
        }
        for name in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "1a",
            "a-b",
            "a b",
            "a(",
            "alert(1)//",
            "a;b",
            "\u{e9}",
        ] {
            assert!(parse(name).is_none(), "{name}");
        }
        assert!(parse(&"a".repeat(128)).is_some());
        assert!(parse(&"a".repeat(129)).is_none());
    }

    #[test]
    fn the_status_is_the_second_argument_unless_it_is_200() {
        let token = parse("cb").unwrap();
        assert_eq!(token.wrap("{}", 200), "cb({});");
        assert_eq!(token.wrap("{}", 400), "cb({},\r\n    400\r\n);");
        let service = Jsonp::parse("cb", Manner::Service).unwrap();
        assert_eq!(service.wrap("{}", 200), "cb({});");
        assert_eq!(service.wrap("{}", 401), "cb({}, 401);");
    }
}
