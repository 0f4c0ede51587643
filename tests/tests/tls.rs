//! What both adapters make of a certificate that is worth nothing: no secret leaves, and what is stored stays as good as it was.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::error::Error as _;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http::Request;
use rcgen::{CertifiedKey, KeyPair};
use rustls::crypto::ring;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::runtime;
use twoba_core::{
    Advice, Client, ClientSecret, Endpoint, Password, Provider, Replay, SendFailure, TroubleReason,
};
use twoba_store::{Error, ErrorKind};
use twoba_testkit::message::{self, MessageError};
use twoba_testkit::{Act, Running, Script, fixture, form_encoded};
use twoba_tests::{
    Adapter, Bench, CLIENT, Kept, PASSWORD, SECRET, Tunnel, USER, not_delivered, trouble,
};

/// No connection keeps a test longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// The first byte of a connection that stops a server. One that speaks TLS begins with 22, its
/// mark of a handshake (RFC 8446 section 5.1).
const STOP: u8 = 0;

/// The names of this machine, and of a certificate that is meant for it.
const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// A server on loopback that speaks TLS by the certificate it is given. Where a client goes along
/// with that, each request is answered with a grant.
struct Tls {
    address: SocketAddr,
    serving: Option<JoinHandle<Seen>>,
}

/// What a server has seen of its clients.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Accepted connections.
    connections: usize,
    /// Those of them on which the client went along with the certificate.
    handshakes: usize,
    /// Bytes of application data that came.
    bytes: usize,
}

impl Seen {
    /// So many connections, and nothing but their beginning.
    fn only_connections(connections: usize) -> Self {
        Self {
            connections,
            ..Self::default()
        }
    }
}

impl Tls {
    fn start(certificate: CertifiedKey<KeyPair>) -> Self {
        let CertifiedKey { cert, signing_key } = certificate;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], signing_key.into())
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            serving: Some(thread::spawn(move || serve(&listener, &config))),
        }
    }

    /// One whose certificate nobody but itself vouches for.
    fn that_vouches_for_itself() -> Self {
        Self::start(rcgen::generate_simple_self_signed(NAMES.map(str::to_owned)).unwrap())
    }

    fn url(&self, name: &str) -> String {
        format!("https://{name}:{}", self.address.port())
    }

    /// Ends the server behind all connections that were made so far.
    fn stop(mut self) -> Seen {
        self.end().unwrap().join().unwrap()
    }

    fn end(&mut self) -> Option<JoinHandle<Seen>> {
        let serving = self.serving.take()?;
        // Where this fails nobody accepts any more.
        if let Ok(mut stream) = TcpStream::connect_timeout(&self.address, PATIENCE) {
            stream.write_all(&[STOP]).unwrap_or_default();
        }
        Some(serving)
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        drop(self.end().map(JoinHandle::join));
    }
}

/// Serves one connection after the other, in the order in which they were made.
fn serve(listener: &TcpListener, config: &Arc<ServerConfig>) -> Seen {
    let mut seen = Seen::default();
    loop {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let mut first = [0];
        if matches!(stream.peek(&mut first), Ok(1)) && first == [STOP] {
            return seen;
        }
        seen.connections += 1;
        // A connection that breaks is the point of most of these tests.
        drop(converse(stream, config, &mut seen));
    }
}

/// One handshake, one request and one answer.
fn converse(mut stream: TcpStream, config: &Arc<ServerConfig>, seen: &mut Seen) -> io::Result<()> {
    let mut tls = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    tls.complete_io(&mut stream)?;
    if tls.is_handshaking() {
        return Ok(());
    }
    seen.handshakes += 1;
    let mut stream = StreamOwned::new(tls, stream);
    let (mut request, mut part) = (Vec::new(), [0; 8 * 1024]);
    while let Err(MessageError::Incomplete | MessageError::Length { .. }) =
        message::request(&request)
    {
        let count = stream.read(&mut part)?;
        if count == 0 {
            return Ok(());
        }
        seen.bytes += count;
        request.extend_from_slice(part.get(..count).unwrap_or_default());
    }
    let granted = fixture::answer("2ba/answers/success").unwrap().into_body();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        granted.len()
    );
    stream.write_all(&[head.as_bytes(), &granted].concat())?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// The documented client of this provider.
fn client(provider: Provider) -> Client {
    let secret = ClientSecret::parse(SECRET).unwrap();
    Client::confidential(provider, CLIENT, secret).unwrap()
}

/// Whoever reads the error learns that there is no connection, and that the certificate is why.
#[track_caller]
fn assert_names_the_certificate(error: &Error) {
    let mut told = error.to_string();
    assert!(told.contains("could not be reached"), "{told}");
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    assert!(told.contains("invalid peer certificate"), "{told}");
}

/// A login at a server whose certificate is worth nothing.
#[track_caller]
fn assert_no_login(adapter: Adapter, url: &str) {
    let bench = Bench::new(adapter);
    let error = bench.session(url).login(USER, PASSWORD).unwrap_err();
    assert_eq!(not_delivered(&error), SendFailure::NotSent, "{error:?}");
    assert_names_the_certificate(&error);
    assert_eq!(bench.kept(), Kept::Nothing);
}

/// A call of a service whose certificate is worth nothing, by a session with a usable token.
#[track_caller]
fn assert_no_call(adapter: Adapter, url: &str) {
    let granted = fixture::answer_bytes("2ba/answers/success").unwrap();
    let script = Script::start([Act::answer(granted)]).unwrap();
    let base = Endpoint::parse(&format!("{url}/1/json/")).unwrap();
    let provider = Bench::provider(script.url()).with_service_base(base);
    let session = Bench::new(adapter).session_of(client(provider));
    let token = session.login(USER, PASSWORD).unwrap();
    let search = Request::get(format!("{url}/1/json/Product/Search?query=kabelgoot"));
    let search = search.body(Vec::new()).unwrap();
    let error = session.call(&search).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Service(SendFailure::NotSent)),
        "{error:?}"
    );
    assert_names_the_certificate(&error);
    // Nobody has rejected the token, so nobody asked for another one.
    assert_eq!(session.token().unwrap(), token);
    assert_eq!(script.requests().len(), 1);
}

// shows: AZ13
#[test]
fn a_login_sends_nothing_to_a_server_that_nobody_vouches_for() {
    for name in NAMES {
        Adapter::each(|adapter| {
            let server = Tls::that_vouches_for_itself();
            assert_no_login(adapter, &server.url(name));
            assert_eq!(server.stop(), Seen::only_connections(1), "{name}");
        });
    }
}

// shows: AZ13
#[test]
fn a_refresh_sends_nothing_to_a_server_that_nobody_vouches_for_and_the_grant_stays() {
    let granted = fixture::answer("2ba/answers/success").unwrap();
    let granted: serde_json::Value = serde_json::from_slice(granted.body()).unwrap();
    let refresh_token = form_encoded(granted["refresh_token"].as_str().unwrap());
    let rotated = fixture::answer_bytes("2ba/answers/success").unwrap();
    Adapter::each(|adapter| {
        let bench = Bench::new(adapter);
        bench.log_in_and_expire();
        // With these terms, one intent that stays unanswered costs the grant.
        let session =
            |url: &str| bench.session_of(client(Bench::provider(url).with_replay(Replay::Never)));
        let server = Tls::that_vouches_for_itself();
        for _ in 0..3 {
            // Opened anew each time: what a process remembers is not what is stored.
            let error = session(&server.url("localhost")).token().unwrap_err();
            assert_eq!(trouble(&error).reason, TroubleReason::NotSent, "{error:?}");
            assert!(matches!(error.advice(), Advice::RetryNotBefore(_)));
            assert_names_the_certificate(&error);
            assert_eq!(bench.kept(), Kept::Grant);
            bench.pass(61);
        }
        assert_eq!(server.stop(), Seen::only_connections(3));

        let script = Script::start([Act::answer(&rotated)]).unwrap();
        session(script.url()).token().unwrap();
        let requests = script.requests();
        assert_eq!(requests.len(), 1);
        let body = std::str::from_utf8(requests[0].body()).unwrap();
        assert!(body.contains(&format!("refresh_token={refresh_token}&")));
    });
}

// shows: US5
#[test]
fn a_token_does_not_leave_for_a_service_that_nobody_vouches_for() {
    for name in NAMES {
        Adapter::each(|adapter| {
            let server = Tls::that_vouches_for_itself();
            assert_no_call(adapter, &server.url(name));
            assert_eq!(server.stop(), Seen::only_connections(1), "{name}");
        });
    }
}

/// Tells the child of the test below where its server is.
const BEHIND_A_PROXY: &str = "TWOBA_TEST_BEHIND_A_PROXY";

/// What is said in a tunnel is no HTTP, and nothing looks into it: the certificate arrives. The
/// address is this machine's by another name: what is known as this machine goes without a proxy.
#[test]
fn a_server_behind_a_proxy_shows_its_certificate() {
    if let Ok(url) = std::env::var(BEHIND_A_PROXY) {
        return see_the_certificate(&url);
    }
    let server = Tls::that_vouches_for_itself();
    let mut this_test = Command::new(std::env::current_exe().unwrap());
    this_test.args(["--exact", "a_server_behind_a_proxy_shows_its_certificate"]);
    this_test.env(BEHIND_A_PROXY, server.url("0.0.0.0"));
    let proxy = Tunnel::open();
    this_test.env("HTTPS_PROXY", format!("http://{}", proxy.address()));
    for name in ["NO_PROXY", "no_proxy", "https_proxy"] {
        this_test.env_remove(name);
    }
    let child = Running::start(&mut this_test).unwrap();
    let ended = child.finish(Duration::from_secs(60)).unwrap();
    assert!(ended.status.success(), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(server.stop(), Seen::only_connections(2));
    assert_eq!(proxy.passed(), 2);
}

fn see_the_certificate(url: &str) {
    let client = || client(Bench::provider(url));
    let password = Password::parse(PASSWORD).unwrap();
    let session = twoba_blocking::Session::builder(client())
        .open("a")
        .unwrap();
    assert_names_the_certificate(&session.login(USER, &password).unwrap_err());
    let session = twoba_async::Session::builder(client()).open("a").unwrap();
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    let refused = runtime.unwrap().block_on(session.login(USER, &password));
    assert_names_the_certificate(&refused.unwrap_err());
}

/// What is vouched for, by roots that the platform has. On Linux these are a file, and a variable
/// of the environment says which; elsewhere a test would have to change the machine.
#[cfg(target_os = "linux")]
mod platform_roots {
    use std::env;

    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, date_time_ymd};

    /// Tells the child of the test below where its servers are.
    const SERVERS: &str = "TWOBA_TEST_SERVERS";

    struct Authority(CertifiedIssuer<'static, KeyPair>);

    impl Authority {
        fn new() -> Self {
            let mut params = CertificateParams::new([]).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let key = KeyPair::generate().unwrap();
            Self(CertifiedIssuer::self_signed(params, key).unwrap())
        }

        fn vouch(&self, params: &CertificateParams) -> CertifiedKey<KeyPair> {
            let signing_key = KeyPair::generate().unwrap();
            let cert = params.signed_by(&signing_key, &self.0).unwrap();
            CertifiedKey { cert, signing_key }
        }
    }

    fn certificate_for(names: &[&str]) -> CertificateParams {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        CertificateParams::new(names).unwrap()
    }

    // shows: AZ13 US5
    #[test]
    fn a_certificate_that_is_vouched_for_is_good_for_its_name_and_time_only() {
        if let Ok(servers) = env::var(SERVERS) {
            return visit(&servers);
        }
        let authority = Authority::new();
        let good = certificate_for(&NAMES);
        let of_another = certificate_for(&["somebody.example"]);
        let mut over = good.clone();
        over.not_after = date_time_ymd(2020, 1, 1);
        let [good, of_another, over] =
            [good, of_another, over].map(|params| Tls::start(authority.vouch(&params)));

        let urls = [&good, &of_another, &over].map(|server| server.url("localhost"));
        again_with_its_roots(
            "a_certificate_that_is_vouched_for_is_good_for_its_name_and_time_only",
            &authority,
            &urls.join(" "),
        );

        let seen = good.stop();
        assert_eq!((seen.connections, seen.handshakes), (4, 4), "{seen:?}");
        assert!(seen.bytes > 0, "what comes is counted");
        assert_eq!(of_another.stop(), Seen::only_connections(4));
        assert_eq!(over.stop(), Seen::only_connections(4));
    }

    /// Runs a test once more, in a process whose platform trusts this authority alone.
    fn again_with_its_roots(test: &str, authority: &Authority, servers: &str) {
        let folder = tempfile::tempdir().unwrap();
        let roots = folder.path().join("roots.pem");
        std::fs::write(&roots, authority.0.pem()).unwrap();
        let mut this_test = Command::new(env::current_exe().unwrap());
        this_test.args(["--exact", &format!("platform_roots::{test}")]);
        this_test.env("SSL_CERT_FILE", roots);
        this_test.env_remove("SSL_CERT_DIR");
        this_test.env(SERVERS, servers);
        let child = Running::start(&mut this_test).unwrap();
        let ended = child.finish(Duration::from_secs(60)).unwrap();
        assert!(ended.status.success(), "{}{}", ended.stdout, ended.stderr);
    }

    /// Reading them takes as long as a handshake, and every pool and connection needs them.
    #[test]
    fn the_certificates_of_the_platform_are_read_once() {
        if let Ok(server) = env::var(SERVERS) {
            return visit_without_roots(&server);
        }
        let authority = Authority::new();
        let server = Tls::start(authority.vouch(&certificate_for(&NAMES)));
        again_with_its_roots(
            "the_certificates_of_the_platform_are_read_once",
            &authority,
            &server.url("localhost"),
        );
        let seen = server.stop();
        assert_eq!((seen.connections, seen.handshakes), (6, 6), "{seen:?}");
    }

    /// Two token requests and a call, by each adapter, of which only the first finds certificates.
    fn visit_without_roots(url: &str) {
        let roots = env::var_os("SSL_CERT_FILE").unwrap();
        let kept = std::fs::read(&roots).unwrap();
        let password = Password::parse(PASSWORD).unwrap();
        let base = Endpoint::parse(&format!("{url}/1/json/")).unwrap();
        let client = || client(Bench::provider(url).with_service_base(base.clone()));
        let request = Request::get(format!("{url}/1/json/Product/Search"));
        let request = request.body(Vec::new()).unwrap();

        let session = twoba_blocking::Session::builder(client())
            .open("a")
            .unwrap();
        session.login(USER, &password).unwrap();
        std::fs::remove_file(&roots).unwrap();
        session.login(USER, &password).unwrap();
        session.call(&request).unwrap();

        std::fs::write(&roots, kept).unwrap();
        let session = twoba_async::Session::builder(client()).open("a").unwrap();
        let runtime = runtime::Builder::new_multi_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            session.login(USER, &password).await.unwrap();
            std::fs::remove_file(&roots).unwrap();
            session.login(USER, &password).await.unwrap();
            session.call(&request).await.unwrap();
        });
    }

    /// Two visits of each adapter to each server.
    fn visit(servers: &str) {
        let mut servers = servers.split(' ');
        let good = servers.next().unwrap();
        let worthless: Vec<_> = servers.collect();
        assert_eq!(worthless.len(), 2);
        Adapter::each(|adapter| {
            let session = Bench::new(adapter).session(good);
            session.login(USER, PASSWORD).unwrap();
            let request = Request::get(format!("{good}/1/json/Product/Search"));
            session.call(&request.body(Vec::new()).unwrap()).unwrap();
            for url in &worthless {
                assert_no_login(adapter, url);
                assert_no_call(adapter, url);
            }
        });
    }
}
