//! XML that is read, and XML that is refused before anything is made of it.

use proptest::prelude::*;

use super::*;

fn refused(text: &str) -> SoapError {
    parse(text.as_bytes()).unwrap_err()
}

#[test]
fn names_are_told_by_their_namespace_and_texts_joined() {
    let text = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- hello -->\
         <a:Envelope xmlns:a='{SOAP}' xmlns:i='{SCHEMA_INSTANCE}' name='1 &lt; 2' a:soapAction='x'>\
         <b>1 &lt; 2<!-- no -->&#x20ac;<![CDATA[<&>]]></b><c xmlns='urn:c' i:nil='true'/>\
         <d nil='true' name='true'/></a:Envelope>\n"
    );
    let root = parse(text.as_bytes()).unwrap();
    assert!(root.is(Space::Soap, "Envelope"));
    assert_eq!(root.attribute("name"), Some("1 < 2"));
    assert_eq!(root.attribute("soapAction"), None);
    assert_eq!(root.children[0].text, "1 < 2\u{20ac}<&>");
    let nil: Vec<_> = root.children.iter().map(|child| child.is_nil).collect();
    assert_eq!(nil, [false, true, false]);
    assert_eq!(root.below("d").unwrap().attribute("name"), Some("true"));
    assert_eq!(root.below("e"), None);
}

#[test]
fn what_could_grow_or_reach_out_is_refused() {
    let laughs: String = (1..10)
        .map(|at| format!("<!ENTITY l{at} '{}'>", format!("&l{};", at - 1).repeat(10)))
        .collect();
    let bomb = format!("<!DOCTYPE r [<!ENTITY l0 'ha'>{laughs}]><r>&l9;</r>");
    assert_eq!(refused(&bomb), SoapError::DocumentType);
    let outside = "<!DOCTYPE r SYSTEM 'http://127.0.0.1:1/x.dtd'><r/>";
    assert_eq!(refused(outside), SoapError::DocumentType);
    assert_eq!(refused("<r/><!DOCTYPE r>"), SoapError::DocumentType);
    assert_eq!(refused("<r>&l9;</r>"), SoapError::Entity);
    assert_eq!(refused("<r a='&l9;'/>"), SoapError::Entity);
    assert_eq!(
        refused("<?xml-stylesheet href='x'?><r/>"),
        SoapError::Instruction
    );
}

#[test]
fn depth_and_numbers_are_bounded() {
    let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
    assert_eq!(refused(&nested(DEPTH_MAX + 1)), SoapError::TooDeep);
    assert_eq!(refused(&"<a>".repeat(1_000_000)), SoapError::TooDeep);
    let many = |count| format!("<r>{}</r>", "<a/>".repeat(count));
    assert!(parse(many(ELEMENTS_MAX - 1).as_bytes()).is_ok());
    assert_eq!(refused(&many(ELEMENTS_MAX)), SoapError::TooLarge);
    let attributes: String = (0..=ATTRIBUTES_MAX)
        .map(|at| format!(" a{at}=''"))
        .collect();
    assert_eq!(refused(&format!("<r{attributes}/>")), SoapError::TooLarge);
    assert_eq!(parse(&vec![b' '; LENGTH_MAX + 1]), Err(SoapError::TooLarge));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for text in [
        "",
        " ",
        "text",
        "<r>",
        "</r>",
        "<r></s>",
        "<r/><r/>",
        "<r/>text",
        "&lt;<r/>",
        "<r a='1' a='2'/>",
        "<r a=1/>",
        "<r a/>",
        "<x:r/>",
        "<r x:a='1'/>",
        "<r>\u{1}</r>",
        "<r>&#1;</r>",
        "<r>&#xd800;</r>",
        "<r><!-- a -- b --></r>",
        "<r/><?xml version='1.0'?>",
        "{\"is\":\"json\"}",
    ] {
        assert_eq!(refused(text), SoapError::Malformed, "{text}");
    }
    let latin = "<?xml version='1.0' encoding='iso-8859-1'?><r/>";
    assert_eq!(refused(latin), SoapError::NotUtf8);
    assert_eq!(parse(b"<r>\xe9</r>"), Err(SoapError::NotUtf8));
}

proptest! {
    #[test]
    fn a_text_comes_out_as_it_went_in(text in "[ -~\u{a0}-\u{2ff}\u{1f600}]{0,40}") {
        let escaped = quick_xml::escape::minimal_escape(text.as_str());
        let root = parse(format!("<r>{escaped}</r>").as_bytes()).unwrap();
        prop_assert_eq!(root.text, text);
    }
}
