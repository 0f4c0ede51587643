//! The metadata documents.

use twoba_emulator::Emulator;

use crate::wire::{get, send};

#[test]
fn both_documents_tell_the_truth_about_what_is_there() {
    let emulator = Emulator::builder().start().unwrap();
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let reply = get(&emulator, path, &[]);
        assert_eq!(reply.status, 200);
        let document = reply.json();
        assert_eq!(document["issuer"], emulator.url());
        for (member, method, status) in [
            ("authorization_endpoint", "GET", 400),
            ("token_endpoint", "POST", 400),
            ("revocation_endpoint", "POST", 400),
            ("introspection_endpoint", "POST", 400),
        ] {
            let endpoint = document[member].as_str().unwrap();
            let path = endpoint.strip_prefix(emulator.url()).unwrap();
            assert_eq!(send(&emulator, method, path, &[], "").status, status);
        }
        assert_eq!(send(&emulator, "POST", path, &[], "").status, 405);
        assert_eq!(send(&emulator, "HEAD", path, &[], "").body, b"");
    }
}
