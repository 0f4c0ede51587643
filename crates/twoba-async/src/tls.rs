//! How connections are secured, and which settings of the HTTP client the caller may change.

use std::sync::Arc;

use reqwest::{Certificate, ClientBuilder};
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use twoba_keeper::Authorities;

/// The caller's changes to how requests are sent.
pub(crate) type Change = dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync;

/// How connections are secured.
pub(crate) enum Tls {
    /// One configuration for all connections. The platform's certificates are read once, and
    /// connections to one server share its TLS sessions.
    OneForAll(Box<ClientConfig>),
    /// The caller's choice, which may change anything. reqwest makes a configuration for each of
    /// its clients.
    OfTheCaller {
        change: Box<Change>,
        roots: Option<Vec<Certificate>>,
    },
}

impl Tls {
    pub(crate) fn one_for_all(authorities: Option<&Authorities>) -> Result<Self, rustls::Error> {
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
        let config =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut config = match authorities {
            None => config.with_platform_verifier()?,
            Some(authorities) => {
                let mut roots = RootCertStore::empty();
                for der in authorities.certificates() {
                    roots.add(der.to_vec().into())?;
                }
                config.with_root_certificates(roots)
            }
        }
        .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self::OneForAll(Box::new(config)))
    }

    pub(crate) fn of_the_caller(
        change: Box<Change>,
        authorities: Option<&Authorities>,
    ) -> Result<Self, reqwest::Error> {
        let roots = authorities.map(|authorities| {
            let roots = authorities.certificates();
            roots.map(Certificate::from_der).collect()
        });
        let roots = roots.transpose()?;
        Ok(Self::OfTheCaller { change, roots })
    }

    pub(crate) fn on(&self, http: ClientBuilder) -> ClientBuilder {
        match self {
            Self::OneForAll(config) => http.tls_backend_preconfigured(ClientConfig::clone(config)),
            Self::OfTheCaller { change, roots } => change(match roots {
                Some(roots) => http.tls_certs_only(roots.clone()),
                None => http,
            }),
        }
    }
}
