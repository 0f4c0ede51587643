//! The fixed set of requests, and the order in which they are sent. What a server answers is its own affair.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use http::header::AUTHORIZATION;
use serde_json::Value;

use super::browser::{login_page, parameter, walk};
use super::samples::samples;
use super::servers::{Credentials, Server};
use super::stable::Stable;
use super::wire::{Answer, Asked, exchange};

const USER: (&str, &str) = ("demo@example.com", "myPassword");
const REDIRECT: &str = "http://127.0.0.1:8123/callback";

/// The verifier and challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// `myApplication:wrong`, as HTTP Basic writes it.
const WRONG_BASIC: &str = "Basic bXlBcHBsaWNhdGlvbjp3cm9uZw==";

/// One answer, ready to be kept.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) name: &'static str,
    /// What was asked, for the note.
    pub(super) asked: &'static str,
    pub(super) message: String,
}

/// Asks everything of a server that listens there.
pub(super) fn play(server: &'static Server, address: SocketAddr) -> Result<Vec<Recorded>> {
    let mut player = Player {
        server,
        address,
        stable: Stable::new(server.alphabet, address.port())?,
        recorded: Vec::new(),
    };
    player.metadata()?;
    player.passwords()?;
    player.refreshes()?;
    player.codes()?;
    player.revocation()?;
    player.services()?;
    if server.name == "emulator" {
        player.samples()?;
    }
    Ok(player.recorded)
}

struct Player {
    server: &'static Server,
    address: SocketAddr,
    stable: Stable,
    recorded: Vec<Recorded>,
}

impl Player {
    /// Sends a request and keeps the answer.
    fn record(
        &mut self,
        name: &'static str,
        asked: &'static str,
        request: &Asked,
    ) -> Result<Answer> {
        let answer = exchange(self.address, request).with_context(|| name)?;
        let message = self.stable.apply(&answer.text).with_context(|| name)?;
        self.recorded.push(Recorded {
            name,
            asked,
            message,
        });
        Ok(answer)
    }

    fn metadata(&mut self) -> Result<()> {
        let request = Asked::get(self.server.paths.metadata);
        self.record("metadata", "the metadata document", &request)?;
        Ok(())
    }

    fn passwords(&mut self) -> Result<()> {
        let right = self.server.password_client;
        self.record(
            "password-wrong",
            "the password grant with a wrong password",
            &self.password(right, "wrong"),
        )?;
        let wrong = Credentials {
            secret: "wrong",
            ..right
        };
        self.record(
            "client-secret-wrong-in-body",
            "the password grant with a wrong client secret in the body",
            &self.password(wrong, USER.1),
        )?;
        let fields = [
            ("grant_type", "password"),
            ("username", USER.0),
            ("password", USER.1),
        ];
        let basic = Asked::form(self.server.paths.token, &fields);
        self.record(
            "client-secret-wrong-by-basic",
            "the password grant with a wrong client secret by HTTP Basic",
            &basic.with(AUTHORIZATION, WRONG_BASIC),
        )?;
        self.record(
            "grant-type-missing",
            "a token request without `grant_type`",
            &self.token_request(right, &[]),
        )?;
        self.record(
            "grant-type-unsupported",
            "a token request with the grant type `urn:example:none`",
            &self.token_request(right, &[("grant_type", "urn:example:none")]),
        )?;
        Ok(())
    }

    fn refreshes(&mut self) -> Result<()> {
        let client = self.server.password_client;
        let granted = self.record(
            "password-success",
            "the password grant",
            &self.password(client, USER.1),
        )?;
        let token = member(&granted, "refresh_token")?;
        let refresh = |token: &str| {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
            self.token_request(client, &fields)
        };
        let (known, unknown) = (refresh(&token), refresh("noSuchToken"));
        self.record(
            "refresh-success",
            "a refresh with the refresh token of `password-success`",
            &known,
        )?;
        self.record("refresh-reused", "the same refresh again", &known)?;
        self.record(
            "refresh-unknown",
            "a refresh with an invented refresh token",
            &unknown,
        )?;
        Ok(())
    }

    fn codes(&mut self) -> Result<()> {
        let code = self.log_in()?;
        let exchange = self.code(&code, VERIFIER);
        self.record("code-success", "a code with its verifier", &exchange)?;
        self.record("code-reused", "the same code again", &exchange)?;
        let code = self.log_in()?;
        let foreign = VERIFIER.replace('d', "e");
        self.record(
            "code-of-another-login",
            "a code with the verifier of another login",
            &self.code(&code, &foreign),
        )?;
        Ok(())
    }

    fn revocation(&mut self) -> Result<()> {
        let client = self.server.password_client;
        let granted = exchange(self.address, &self.password(client, USER.1))?;
        let (access, refresh) = (
            member(&granted, "access_token")?,
            member(&granted, "refresh_token")?,
        );
        self.stable.learn("AccessToken", &access);
        self.stable.learn("RefreshToken", &refresh);
        let post = |path, token: &str| {
            let mut fields = client.fields();
            fields.push(("token", token));
            Asked::form(path, &fields)
        };
        let introspection = self.server.paths.introspection;
        if let Some(path) = introspection {
            let asked = "introspection of an access token that is good";
            self.record("introspection-active", asked, &post(path, &access))?;
        }
        let revoke = post(self.server.paths.revocation, &refresh);
        self.record(
            "revocation-success",
            "revocation of a refresh token",
            &revoke,
        )?;
        self.record(
            "revocation-unknown",
            "revocation of an invented token",
            &post(self.server.paths.revocation, "noSuchToken"),
        )?;
        if let Some(path) = introspection {
            let asked = "introspection of the access token of a grant that was revoked";
            self.record("introspection-inactive", asked, &post(path, &access))?;
        }
        Ok(())
    }

    fn services(&mut self) -> Result<()> {
        let call = Asked::get(self.server.paths.service);
        self.record(
            "service-without-token",
            "a protected resource without a token",
            &call,
        )?;
        self.record(
            "service-with-unknown-token",
            "a protected resource with an invented token",
            &call.with(AUTHORIZATION, "Bearer noSuchToken"),
        )?;
        Ok(())
    }

    /// What this project's own server has besides.
    fn samples(&mut self) -> Result<()> {
        let login = self.password(self.server.password_client, USER.1);
        let access = member(&exchange(self.address, &login)?, "access_token")?;
        for (name, asked, request) in samples(&access) {
            self.record(name, asked, &request)?;
        }
        Ok(())
    }

    /// A person's login in a browser; the code that comes back.
    fn log_in(&mut self) -> Result<String> {
        let page = login_page(
            self.server.paths.authorization,
            &[
                ("response_type", "code"),
                ("client_id", self.server.code_client.id),
                ("redirect_uri", REDIRECT),
                ("scope", "read"),
                ("state", "invented-state"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ],
        );
        let query = walk(self.address, &page, REDIRECT, USER)?;
        let code = parameter(&query, "code")?.to_owned();
        self.stable.learn("Code", &code);
        Ok(code)
    }

    fn code(&self, code: &str, verifier: &str) -> Asked {
        self.token_request(
            self.server.code_client,
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", REDIRECT),
                ("code_verifier", verifier),
            ],
        )
    }

    fn password(&self, client: Credentials, password: &str) -> Asked {
        self.token_request(
            client,
            &[
                ("grant_type", "password"),
                ("username", USER.0),
                ("password", password),
            ],
        )
    }

    fn token_request(&self, client: Credentials, fields: &[(&str, &str)]) -> Asked {
        let all: Vec<_> = fields.iter().copied().chain(client.fields()).collect();
        Asked::form(self.server.paths.token, &all)
    }
}

/// A member of an answer's JSON, as text.
fn member(answer: &Answer, name: &str) -> Result<String> {
    let json: Value = serde_json::from_str(answer.body())
        .with_context(|| format!("status {}: no JSON", answer.message.status()))?;
    let text = json.get(name).and_then(Value::as_str);
    let text = text.with_context(|| format!("status {}: no {name}", answer.message.status()))?;
    Ok(text.to_owned())
}
