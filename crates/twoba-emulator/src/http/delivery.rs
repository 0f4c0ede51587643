//! Posts a selection to a receiver on this machine.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use twoba_sample_services::Delivery;

use crate::application::Application;

/// How long the whole delivery may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most bytes of an answer that are read.
const MOST: u64 = 64 * 1024;

/// Enough for `HTTP/1.1 200`.
const STATUS: usize = 12;

/// Posts the JSON, with the token of the application if there is one, and returns the status of the answer. `None` if no answer came in time.
pub(super) async fn post(delivery: &Delivery, application: Option<&Application>) -> Option<u16> {
    timeout(PATIENCE, exchange(delivery, application))
        .await
        .ok()?
}

async fn exchange(delivery: &Delivery, application: Option<&Application>) -> Option<u16> {
    let json = &delivery.json;
    let mut stream = TcpStream::connect(delivery.addresses.as_slice())
        .await
        .ok()?;
    let bearer = application.map(|known| format!("Authorization: Bearer {}\r\n", known.expose()));
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\n{}Connection: close\r\n\r\n{json}",
        delivery.path,
        delivery.host,
        json.len(),
        bearer.unwrap_or_default(),
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut line = [0; STATUS];
    stream.read_exact(&mut line).await.ok()?;
    drain(&mut stream).await;
    status(&line)
}

/// Reads the rest, so that the receiver can finish its answer.
async fn drain(stream: &mut TcpStream) {
    let mut rest = stream.take(MOST);
    // However it ends: what was asked for is known already.
    drop(
        timeout(
            PATIENCE / 5,
            tokio::io::copy(&mut rest, &mut tokio::io::sink()),
        )
        .await,
    );
}

/// The status in the first bytes of an answer.
fn status(line: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(line).ok()?;
    let digits = text
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| text.strip_prefix("HTTP/1.0 "))?;
    digits
        .parse()
        .ok()
        .filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_of_http_1_only() {
        assert_eq!(status(b"HTTP/1.1 204"), Some(204));
        assert_eq!(status(b"HTTP/1.0 500"), Some(500));
        for line in [
            &b"HTTP/2.0 200"[..],
            b"HTTP/1.1 099",
            b"HTTP/1.1 2x0",
            b"\xff",
        ] {
            assert_eq!(status(line), None);
        }
    }
}
