//! The server of this machine that leads a browser to Unifeed, and that a selection comes back to. It
//! is open only while one of them is awaited, and speaks HTTP by the library that the emulator has.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::{Body as _, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{self, Runtime};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, Sender};
use tokio::task::{self, LocalSet};
use tokio::time::{sleep, timeout};
use twoba_services::{Received, UnifeedAddress, UnifeedReceiver};
use zeroize::Zeroizing;

use crate::browser::start_path;
use crate::failure::Failure;

/// How long to wait where no connection can be taken, and how often to ask whether anybody can come.
const PAUSE: Duration = Duration::from_millis(50);

/// How long one connection may take to send its request: browsers open some that never do.
const HEAD_MAX_AGE: Duration = Duration::from_secs(10);

/// How long a request may take in all, its answer included.
const REQUEST_MAX: Duration = Duration::from_secs(30);

/// How much of a body is read. The receiver refuses what is over 1 MiB.
const BODY_MAX: usize = 1024 * 1024;

/// How many connections are open at once. More wait.
const OPEN_MAX: usize = 64;

/// A port of this machine that waits for a browser.
pub(crate) struct Receiving {
    runtime: Runtime,
    socket: TcpListener,
    address: SocketAddr,
}

/// What the browser comes for.
pub(crate) struct Site {
    /// The path that leads to Unifeed, once.
    start: Zeroizing<String>,
    unifeed: UnifeedAddress,
    started: Cell<bool>,
    /// Where a selection comes back to, if one is awaited.
    pub(crate) receiver: Option<UnifeedReceiver>,
}

/// What a browser has done.
pub(crate) enum Visit {
    /// It was led to Unifeed.
    Started,
    /// It, or Unifeed, has sent something.
    Received(Received),
}

impl Site {
    /// The address that a browser is started with is none of Unifeed's: the arguments of a program
    /// can be read by every user of the machine, and Unifeed's address has the token in it.
    pub(crate) fn new(unifeed: UnifeedAddress) -> Result<Self, Failure> {
        Ok(Self {
            start: Zeroizing::new(start_path()?),
            unifeed,
            started: Cell::new(false),
            receiver: None,
        })
    }

    fn visited(&self, request: &Request<Vec<u8>>) -> (Option<Visit>, Response<Vec<u8>>) {
        if request.uri().path() == self.start.as_str() && request.method() == Method::GET {
            if let Some(response) = (!self.started.get()).then(|| self.lead()).flatten() {
                self.started.set(true);
                return (Some(Visit::Started), response);
            }
        } else if let Some(receiver) = &self.receiver {
            let reception = receiver.receive(request);
            return (
                Some(Visit::Received(reception.received)),
                reception.response,
            );
        }
        let mut response = Response::new(Vec::new());
        *response.status_mut() = StatusCode::NOT_FOUND;
        (None, response)
    }

    /// The answer that leads a browser to Unifeed.
    fn lead(&self) -> Option<Response<Vec<u8>>> {
        let mut location = HeaderValue::try_from(self.unifeed.expose()).ok()?;
        location.set_sensitive(true);
        let mut response = Response::new(Vec::new());
        *response.status_mut() = StatusCode::SEE_OTHER;
        let headers = response.headers_mut();
        headers.insert(LOCATION, location);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        Some(response)
    }
}

impl Receiving {
    /// On this port, or on a free one.
    pub(crate) fn on(port: Option<u16>) -> Result<Self, Failure> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(unusable)?;
        let at = (Ipv4Addr::LOCALHOST, port.unwrap_or(0));
        let socket = runtime.block_on(TcpListener::bind(at)).map_err(unusable)?;
        let address = socket.local_addr().map_err(unusable)?;
        Ok(Self {
            runtime,
            socket,
            address,
        })
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where a browser is led from to Unifeed, once.
    pub(crate) fn start_of(&self, site: &Site) -> String {
        format!("{}{}", self.url(), site.start.as_str())
    }

    /// Serves the site until `look` makes something of a visit, within `span`. It ends early when
    /// nobody can come any more, which `is_vain` is asked now and then.
    pub(crate) fn wait<T>(
        self,
        site: Site,
        span: Duration,
        mut look: impl FnMut(Visit) -> Option<T>,
        mut is_vain: impl FnMut() -> bool,
    ) -> Option<T> {
        let (tell, mut told) = mpsc::channel(OPEN_MAX);
        let first = async {
            task::spawn_local(accept(self.socket, Rc::new(site), tell));
            loop {
                match timeout(PAUSE, told.recv()).await {
                    Ok(visit) => {
                        if let Some(found) = look(visit?) {
                            return Some(found);
                        }
                    }
                    Err(_) if is_vain() => return None,
                    Err(_) => {}
                }
            }
        };
        let within = async { timeout(span, first).await.ok().flatten() };
        LocalSet::new().block_on(&self.runtime, within)
    }
}

/// Serves each connection in a task of its own, at most so many at once.
async fn accept(socket: TcpListener, site: Rc<Site>, tell: Sender<Visit>) {
    let room = Arc::new(Semaphore::new(OPEN_MAX));
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        // A connection that ended before it was accepted, or no descriptor left: another one comes.
        let Ok((stream, _)) = socket.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let (site, tell) = (Rc::clone(&site), tell.clone());
        task::spawn_local(async move {
            if let Ok(Some(visit)) = timeout(REQUEST_MAX, serve(stream, site)).await {
                drop(tell.send(visit).await);
            }
            drop(place);
        });
    }
}

/// Answers the one request of a connection, and tells what it was when the answer is written.
async fn serve(stream: TcpStream, site: Rc<Site>) -> Option<Visit> {
    let visit = Cell::new(None);
    let service = service_fn(|request: Request<Incoming>| async {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, whole(body).await?);
        let (visited, response) = site.visited(&request);
        visit.set(visited);
        Ok::<_, hyper::Error>(response.map(Full::from))
    });
    let served = http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX_AGE)
        .serve_connection(TokioIo::new(stream), service);
    // Who hangs up before the answer has posted all the same.
    drop(served.await);
    visit.into_inner()
}

/// The body, cut behind what is too much for a selection.
async fn whole(mut body: Incoming) -> Result<Vec<u8>, hyper::Error> {
    let mut read = Vec::new();
    while read.len() <= BODY_MAX
        && let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        if let Ok(data) = frame?.into_data() {
            read.extend_from_slice(&data);
        }
    }
    Ok(read)
}

/// A body that is there as a whole.
struct Full(Option<Bytes>);

impl From<Vec<u8>> for Full {
    fn from(bytes: Vec<u8>) -> Self {
        Self((!bytes.is_empty()).then(|| bytes.into()))
    }
}

impl hyper::body::Body for Full {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.0.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
    }
}

fn unusable(error: std::io::Error) -> Failure {
    let advice = if error.kind() == std::io::ErrorKind::AddrInUse {
        "choose another port with --port, or leave it out"
    } else {
        "see whether this machine has a loopback address, 127.0.0.1"
    };
    Failure::configuration(format!("cannot wait for a selection: {error}")).advise(advice)
}
