//! The proxy of the environment, and when it applies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Uri;
use reqwest::Proxy;
use twoba_core::SendFailure;
use twoba_keeper::proxy::Proxies;
use twoba_store::TransportError;

/// The proxy of the environment. It applies unless the caller has set a proxy or called `no_proxy`.
///
/// reqwest asks its proxies in order and takes the first answer. This one is asked after those of
/// the caller. `no_proxy` cannot be observed, but it removes all proxies set so far. Another proxy
/// is therefore asked first. It never answers, and only notes that it is present.
pub(crate) struct Environment {
    proxies: Proxies,
    holds: AtomicBool,
    used: AtomicBool,
}

impl Environment {
    pub(crate) fn new(proxies: Proxies) -> Self {
        Self {
            proxies,
            holds: AtomicBool::new(false),
            used: AtomicBool::new(false),
        }
    }

    /// Whether the environment names no proxy.
    pub(crate) fn is_silent(&self) -> bool {
        self.proxies.proxy().is_none()
    }

    pub(crate) fn asked_first(self: &Arc<Self>) -> Proxy {
        let environment = Arc::clone(self);
        Proxy::custom(move |_| {
            environment.holds.store(true, Ordering::Relaxed);
            None::<&str>
        })
    }

    pub(crate) fn asked_last(self: &Arc<Self>) -> Proxy {
        let environment = Arc::clone(self);
        Proxy::custom(move |url| {
            let holds = environment.holds.load(Ordering::Relaxed);
            let uri = url.as_str().parse().ok().filter(|_| holds)?;
            let proxy = environment.proxies.proxy_for(&uri)?;
            environment.used.store(true, Ordering::Relaxed);
            Some(proxy.url().to_owned())
        })
    }

    /// The same failure, with the proxy where it happened.
    pub(crate) fn named(&self, error: TransportError, uri: &Uri) -> TransportError {
        let used = self.used.load(Ordering::Relaxed);
        let used = used && error.failure == SendFailure::NotSent;
        match self.proxies.proxy_for(uri).filter(|_| used) {
            Some(proxy) => TransportError {
                cause: proxy.failed(error.cause),
                ..error
            },
            None => error,
        }
    }
}
