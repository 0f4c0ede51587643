//! Clients that prove themselves with a key, and the scopes that clients ask for.

use std::time::{Duration, SystemTime};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use twoba_emulator::{
    Clock, Emulator, EventKind, PublicKey, Refusal, RegisteredClient, RegisteredUser,
};

use crate::wire::{CLIENT, Reply, encode, post, token};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What stands before the point of a P-256 key in a `SubjectPublicKeyInfo`.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The same of an Ed25519 key.
const EDWARDS: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

fn public(prefix: &[u8], key: &[u8]) -> PublicKey {
    let body = Base64::encode_string(&[prefix, key].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
    PublicKey::from_pem(&pem).unwrap()
}

/// An emulator with a client whose key this is.
struct Scene {
    emulator: Emulator,
    key: EcdsaKeyPair,
}

impl Scene {
    fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        let public = public(&P256, key.public_key().as_ref());
        let emulator = Emulator::builder()
            .clock(Clock::Manual)
            .clients([
                RegisteredClient::signing("shop", public).with_scopes(["read", "write"]),
                RegisteredClient::confidential("other", "secret"),
            ])
            .users([RegisteredUser::new("anna", "password")])
            .start()
            .unwrap();
        Self { emulator, key }
    }

    fn now(&self) -> u64 {
        let now = self.emulator.now().duration_since(SystemTime::UNIX_EPOCH);
        now.unwrap().as_secs()
    }

    fn claims(&self, number: u32) -> Value {
        json!({
            "iss": "shop", "sub": "shop", "aud": format!("{}/connect/token", self.emulator.url()),
            "jti": number.to_string(), "iat": self.now(), "exp": self.now() + 60,
        })
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let part = |json: &Value| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
        let input = format!("{}.{}", part(header), part(claims));
        let signature = self
            .key
            .sign(&SystemRandom::new(), input.as_bytes())
            .unwrap();
        format!(
            "{input}.{}",
            Base64UrlUnpadded::encode_string(signature.as_ref())
        )
    }

    fn ask(&self, claims: &Value) -> Reply {
        self.show(&self.signed(&json!({"alg": "ES256"}), claims), "")
    }

    fn show(&self, assertion: &str, more: &str) -> Reply {
        let form = format!(
            "grant_type=client_credentials&client_assertion_type={}&client_assertion={}{more}",
            encode(TYPE),
            encode(assertion)
        );
        post(&self.emulator, "/connect/token", &form)
    }

    /// Why the last request was refused.
    fn reason(&self) -> Refusal {
        let mut reason = None;
        for event in self.emulator.journal().events {
            if let EventKind::Refused { reason: why, .. } = event.kind {
                reason = Some(why);
            }
        }
        reason.unwrap()
    }

    #[track_caller]
    fn refused(&self, reply: &Reply, reason: Refusal) {
        assert_eq!((reply.status, self.reason()), (401, reason));
        assert_eq!(reply.json()["error"], "invalid_client");
    }
}

#[test]
fn a_client_proves_itself_with_its_key_once_for_each_assertion() {
    let scene = Scene::new();
    let granted = scene.ask(&scene.claims(1));
    assert_eq!(granted.status, 200);
    assert_eq!(granted.json()["scope"], "read write");
    scene.refused(&scene.ask(&scene.claims(1)), Refusal::RepeatedAssertion);
    // Several servers, one of them this.
    let mut claims = scene.claims(2);
    claims["aud"] = json!(["https://elsewhere.example", scene.emulator.url()]);
    assert_eq!(scene.ask(&claims).status, 200);
    scene.emulator.advance(Duration::from_secs(60)).unwrap();
    assert_eq!(scene.ask(&scene.claims(1)).status, 200);
    assert_eq!(scene.emulator.counts().client_credentials, 4);
}

#[test]
fn an_assertion_that_is_wrong_in_one_thing_proves_nothing() {
    let scene = Scene::new();
    let now = scene.now();
    for (name, value, reason) in [
        ("iss", json!("other"), Refusal::WrongAssertionClient),
        ("sub", json!("other"), Refusal::WrongAssertionClient),
        (
            "aud",
            json!("https://x.example"),
            Refusal::WrongAssertionAudience,
        ),
        ("exp", json!(now), Refusal::ExpiredAssertion),
        ("nbf", json!(now + 61), Refusal::ExpiredAssertion),
        ("jti", Value::Null, Refusal::MalformedAssertion),
        ("exp", json!("soon"), Refusal::MalformedAssertion),
    ] {
        let mut claims = scene.claims(1);
        claims[name] = value;
        scene.refused(&scene.ask(&claims), reason);
    }
    let mut claims = scene.claims(1);
    claims["iss"] = json!("other");
    claims["sub"] = json!("other");
    scene.refused(&scene.ask(&claims), Refusal::WrongAssertionSignature);
    let other = scene.signed(&json!({"alg": "none"}), &scene.claims(1));
    scene.refused(&scene.show(&other, ""), Refusal::WrongAssertionSignature);
    let good = scene.signed(&json!({"alg": "ES256"}), &scene.claims(1));
    let (input, _) = good.rsplit_once('.').unwrap();
    let unsigned = scene.show(&format!("{input}."), "");
    scene.refused(&unsigned, Refusal::WrongAssertionSignature);
    scene.refused(&scene.show("a.b", ""), Refusal::MalformedAssertion);
    let twice = scene.show(&good, "&client_secret=x");
    assert_eq!(
        (twice.status, scene.reason()),
        (400, Refusal::TwoClientAuthentications)
    );
    let named = scene.show(&good, "&client_id=other");
    scene.refused(&named, Refusal::WrongAssertionClient);
    // Its name alone is no proof, though it has no secret.
    let form = "grant_type=client_credentials&client_id=shop";
    let bare = post(&scene.emulator, "/connect/token", form);
    scene.refused(&bare, Refusal::WrongClientSecret);
    // None of that has spent it.
    assert_eq!(scene.show(&good, "&client_id=shop").status, 200);
    let shown = format!("{:?}", scene.emulator.requests());
    assert!(!shown.contains(input), "{shown}");
}

#[test]
fn keys_of_other_kinds_are_known_too() {
    let random = SystemRandom::new();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let public = public(&EDWARDS, key.public_key().as_ref());
    let client = RegisteredClient::confidential("shop", "secret").with_key(public);
    let emulator = Emulator::builder().clients([client]).start().unwrap();
    let part = |json: Value| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
    let claims = json!({"iss": "shop", "sub": "shop", "aud": emulator.url(), "jti": "1",
        "exp": u32::MAX});
    let input = format!("{}.{}", part(json!({"alg": "EdDSA"})), part(claims));
    let signature = Base64UrlUnpadded::encode_string(key.sign(input.as_bytes()).as_ref());
    let form = format!(
        "grant_type=client_credentials&client_assertion_type={}&client_assertion={input}.{signature}",
        encode(TYPE)
    );
    assert_eq!(post(&emulator, "/connect/token", &form).status, 200);
}

#[test]
fn a_client_asks_for_its_own_scopes_and_is_told_what_it_got() {
    let emulator = Emulator::builder().start().unwrap();
    let asked = "grant_type=client_credentials&scope=read%3Astock+read%3Aproducts+read%3Astock";
    let granted = token(&emulator, asked);
    assert_eq!(granted.json()["scope"], "read:stock read:products");
    let access = encode(&granted.member("access_token"));
    let found = post(
        &emulator,
        "/connect/introspect",
        &format!("{CLIENT}&token={access}"),
    );
    assert_eq!(found.json()["scope"], "read:stock read:products");
    for scope in [
        "read%3Anothing",
        "read%3Astock+x",
        "%22",
        "read%3Astock++apix",
    ] {
        let refused = token(
            &emulator,
            &format!("grant_type=client_credentials&scope={scope}"),
        );
        assert_eq!(refused.status, 400);
        assert_eq!(refused.json()["error"], "invalid_scope", "{scope}");
    }
    // A person's token says it where it was asked for, and so do its successors.
    let login = "grant_type=password&username=demo%40example.com&password=myPassword";
    assert_eq!(token(&emulator, login).json().get("scope"), None);
    let granted = token(&emulator, &format!("{login}&scope=apix"));
    assert_eq!(granted.json()["scope"], "apix");
    let refresh = encode(&granted.member("refresh_token"));
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    assert_eq!(token(&emulator, &form).json()["scope"], "apix");
}
