//! Reads the forms of a page. The caller knows what to fill in.

/// The hidden fields of a page's forms. A field without a value has an empty one.
#[must_use]
pub fn hidden_fields(html: &str) -> Vec<(String, String)> {
    let inputs = html.split("<input").skip(1);
    inputs
        .filter_map(|rest| {
            let tag = rest.split('>').next()?;
            if attribute(tag, "type")? != "hidden" {
                return None;
            }
            let value = attribute(tag, "value").unwrap_or_default();
            Some((attribute(tag, "name")?, value))
        })
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let plain = value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&");
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_fields_are_read_as_they_are_meant() {
        let html = "<form><input type=\"hidden\" name=\"next\" value=\"/a?b=c&amp;d\">\
             <input type=\"hidden\" name=\"empty\"><input name=\"username\"></form>";
        let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [owned("next", "/a?b=c&d"), owned("empty", "")];
        assert_eq!(hidden_fields(html), expected);
    }
}
