//! Accepts and serves connections, and bounds how long a client may keep one waiting.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::folded::Folding;
use super::request::PATIENCE;
use super::route::respond;
use crate::world::Shared;

/// How long to wait when the system has no free descriptor for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// How many connections may wait to be accepted. Without it, a client that opens hundreds at once
/// would repeat some of them a second later.
const BACKLOG: u32 = 1024;

/// Listens on the address. It must run inside a runtime.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Elsewhere than on Windows it lets a port be taken again at once, not be shared.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves every connection in a task of its own, so that none waits for another.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _peer)) => drop(tokio::spawn(connection(stream, Arc::clone(&shared)))),
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Without it small answers wait for the acknowledgement of the one before.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    #[cfg(feature = "tls")]
    if let Some(tls) = &shared.reached.tls {
        if let Some(stream) = tls.accept(stream, PATIENCE).await {
            serve(stream, Arc::clone(&shared)).await;
        }
        return;
    }
    serve(stream, shared).await;
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Shared>) {
    // A date of the machine would contradict a manual clock.
    let date = !shared.world().is_on_a_manual_clock();
    let service = service_fn(move |request| respond(Arc::clone(&shared), request));
    let served = http1::Builder::new()
        .auto_date_header(date)
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        // Answers are small: one piece costs less than two.
        .writev(false)
        .serve_connection(TokioIo::new(Folding(stream)), service)
        .await;
    // A broken connection is the client's affair, or a fault that was asked for.
    drop(served);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behavior::Behavior;
    use crate::clock::Timekeeper;
    use crate::policy::Policy;
    use crate::registry::Registry;
    use crate::world::{Reached, Setup, World};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::time::{Instant, timeout};

    fn shared() -> Arc<Shared> {
        let setup = Setup {
            registry: Registry::new(Vec::new(), Vec::new()),
            behavior: Behavior::default(),
            reached: Reached::default(),
            applications: Vec::new(),
        };
        let world = World::new([7; 32], PATIENCE, Policy::default(), Timekeeper::Real);
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        Arc::new(Shared::new(address, setup, world))
    }

    /// Where time stands still, and jumps when everybody waits for it.
    fn in_no_time(test: impl AsyncFnOnce()) {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(test());
    }

    /// A client's end of a connection that is served.
    fn connect(shared: &Arc<Shared>) -> DuplexStream {
        let (client, server) = tokio::io::duplex(4096);
        drop(tokio::spawn(serve(server, Arc::clone(shared))));
        client
    }

    /// Sends these bytes and nothing more; returns what comes until the connection is closed, and
    /// after which time it is.
    async fn fall_silent(shared: &Arc<Shared>, bytes: &[u8]) -> (String, Duration) {
        let mut client = connect(shared);
        client.write_all(bytes).await.unwrap();
        let begin = Instant::now();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        (answer, begin.elapsed())
    }

    #[track_caller]
    fn is_about(limit: Duration, span: Duration) {
        assert!(limit <= span && span < limit + Duration::from_secs(2));
    }

    #[test]
    fn half_a_head_is_waited_for_half_a_minute() {
        in_no_time(async || {
            let head = b"POST /OAuth/Token HTTP/1.1\r\nHost: loc";
            let (answer, span) = fall_silent(&shared(), head).await;
            assert_eq!(answer, "");
            is_about(PATIENCE, span);
        });
    }

    #[test]
    fn a_head_in_drops_has_half_a_minute_as_a_whole() {
        in_no_time(async || {
            let mut client = connect(&shared());
            let begin = Instant::now();
            client.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
            while client.write_all(b"x").await.is_ok() {
                assert!(begin.elapsed() < 2 * PATIENCE);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            is_about(PATIENCE, begin.elapsed());
        });
    }

    #[test]
    fn half_a_body_is_waited_for_half_a_minute() {
        in_no_time(async || {
            let shared = shared();
            let head = "Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
            for path in ["OAuth/Token", "connect/revocation", "OAuth/Authorize"] {
                let request =
                    format!("POST /{path} HTTP/1.1\r\n{head}Content-Length: 100\r\n\r\na=b");
                let (answer, span) = fall_silent(&shared, request.as_bytes()).await;
                assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
                is_about(PATIENCE, span);
            }
            let refused = shared.world().counts().refused;
            assert_eq!(refused, 1);
        });
    }

    #[test]
    fn a_connection_on_which_nothing_is_said_ends_after_half_a_minute() {
        in_no_time(async || {
            let (answer, span) = fall_silent(&shared(), b"").await;
            assert_eq!(answer, "");
            is_about(PATIENCE, span);
            let request = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
            let (answer, span) = fall_silent(&shared(), request).await;
            assert!(answer.starts_with("HTTP/1.1 404 "));
            is_about(PATIENCE, span);
        });
    }

    #[test]
    fn who_waits_for_a_delayed_answer_is_not_taken_for_silent() {
        in_no_time(async || {
            let shared = shared();
            let delay = 10 * PATIENCE;
            let fault = crate::fault::Fault::Delay(delay);
            let next = crate::fault::FaultRule::next(crate::fault::FaultPoint::Token, fault);
            shared.world().add_fault(next);
            let mut client = connect(&shared);
            let request =
                b"POST /OAuth/Token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
            client.write_all(request).await.unwrap();
            let mut start = [0; 12];
            let begin = Instant::now();
            let answered = timeout(2 * delay, client.read_exact(&mut start)).await;
            answered.unwrap().unwrap();
            assert_eq!(&start, b"HTTP/1.1 400");
            is_about(delay, begin.elapsed());
        });
    }
}
