//! Blanks what is not code in Rust source: comments and the insides of strings and characters.
//!
//! Lines and columns (in characters) stay where they are, so that a search in the result finds code only.

/// The source with every character of a comment, string or character literal but line ends as a space.
pub(super) fn mask(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut masked = String::with_capacity(source.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let rest = chars.get(at..).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let in_word = before.is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let length = match literal(rest, in_word) {
            Some(length) => length,
            None => {
                masked.push(c);
                at += 1;
                continue;
            }
        };
        for c in rest.iter().take(length) {
            masked.push(if *c == '\n' { '\n' } else { ' ' });
        }
        at += length;
    }
    masked
}

/// How many characters of `rest` belong to a comment or literal that begins here.
fn literal(rest: &[char], in_word: bool) -> Option<usize> {
    match rest {
        ['/', '/', ..] => Some(rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())),
        ['/', '*', ..] => Some(block_comment(rest)),
        ['"', ..] => Some(quoted(rest)),
        ['r', '"' | '#', ..] if !in_word => raw(rest, 1),
        ['b' | 'c', 'r', '"' | '#', ..] if !in_word => raw(rest, 2),
        ['\'', '\\', ..] => {
            let end = rest.iter().skip(3).position(|c| *c == '\'');
            Some(end.map_or(rest.len(), |end| end + 4))
        }
        ['\'', c, '\'', ..] if *c != '\'' => Some(3),
        _ => None,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        match rest.get(at..).unwrap_or_default() {
            ['/', '*', ..] => {
                depth += 1;
                at += 2;
            }
            ['*', '/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            [_, ..] => at += 1,
            [] => return rest.len(),
        }
    }
}

fn quoted(rest: &[char]) -> usize {
    let mut at = 1;
    loop {
        match rest.get(at) {
            Some('\\') => at += 2,
            Some('"') => return at + 1,
            Some(_) => at += 1,
            None => return rest.len(),
        }
    }
}

/// A raw string whose `r` stands before `start`; `None` for a raw identifier.
fn raw(rest: &[char], start: usize) -> Option<usize> {
    let hashes = rest.iter().skip(start).take_while(|c| **c == '#').count();
    if rest.get(start + hashes) != Some(&'"') {
        return None;
    }
    let mut end = vec!['"'];
    end.extend(std::iter::repeat_n('#', hashes));
    let body = start + hashes + 1;
    let inside = rest.get(body..)?;
    let close = inside.windows(end.len()).position(|window| window == end);
    Some(close.map_or(rest.len(), |close| body + close + end.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left when the blanks are squeezed.
    fn left(source: &str) -> String {
        let masked = mask(source);
        assert_eq!(masked.chars().count(), source.chars().count());
        masked.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_blanked() {
        assert_eq!(left("a // b\nc /* d /* e */ f */ g"), "a c g");
    }

    #[test]
    fn strings_are_blanked() {
        assert_eq!(left(r#"a("b\"c", d)"#), "a( , d)");
        assert_eq!(left(r###"a(r#"b"c"#, br"d\", e)"###), "a( , , e)");
    }

    #[test]
    fn characters_are_blanked_and_lifetimes_are_not() {
        assert_eq!(left(r"a('{', '\'', '\u{7d}', b)"), "a( , , , b)");
        assert_eq!(left("fn a<'b>(c: &'b str)"), "fn a<'b>(c: &'b str)");
    }

    #[test]
    fn raw_identifiers_stay() {
        assert_eq!(left("let r#fn = bar\"x\";"), "let r#fn = bar ;");
    }

    #[test]
    fn lines_stay() {
        assert_eq!(mask("\"a\nb\"\n/*\n*/").lines().count(), 4);
    }
}
