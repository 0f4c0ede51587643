//! The emulator's own authority and certificate. Clients have to be given the authority.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::server::TlsStream;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long before it was made a certificate is valid. Clocks differ by hours.
const BEFORE: Duration = DAY;
/// How long after it was made a certificate is valid. Some platforms accept at most 398 days in all.
const AFTER: Duration = Duration::from_secs(396 * 24 * 60 * 60);

/// How connections are secured.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    authority: String,
}

impl Tls {
    /// Makes a new authority, and a certificate of it for these names and addresses. The
    /// authority's key is gone when this returns, so nobody can certify another server with it.
    pub(crate) fn new(names: Vec<String>, now: SystemTime) -> io::Result<Self> {
        let (authority, certificate, key) = certificates(names, now).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                config
                    .with_no_client_auth()
                    .with_single_cert(vec![certificate.der().clone()], key.into())
            })
            .map_err(io::Error::other)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            authority,
        })
    }

    /// The authority's certificate, as PEM.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The secured connection, if the handshake succeeds in time.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
        patience: Duration,
    ) -> Option<TlsStream<TcpStream>> {
        let handshake = timeout(patience, self.acceptor.accept(stream));
        handshake.await.ok()?.ok()
    }
}

/// The authority's certificate as PEM, and the server's certificate with its key.
fn certificates(
    names: Vec<String>,
    now: SystemTime,
) -> Result<(String, rcgen::Certificate, KeyPair), rcgen::Error> {
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let epoch = date_time_ymd(1970, 1, 1);
    let named = |name: &str, mut params: CertificateParams| {
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = epoch + now.saturating_sub(BEFORE);
        params.not_after = epoch + now.saturating_add(AFTER);
        params
    };
    let mut params = named("twoba emulator authority", CertificateParams::new([])?);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

    let mut params = named("twoba emulator", CertificateParams::new(names)?);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &authority)?;
    Ok((authority.pem(), certificate, key))
}
