//! Decides what a server does that the emulator does not: it answers without end, or too slowly. What a client makes of it, the journey knows.

use std::convert::Infallible;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// No request is awaited for longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a full connection is given before the server looks whether its client is done.
const PRESSED: Duration = Duration::from_millis(50);

/// An answer, written part by part until its client is done or its parts are spent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    /// Written at once.
    pub(crate) start: &'static str,
    /// Written next, again and again.
    pub(crate) part: &'static [u8],
    /// How often, at most.
    pub(crate) parts: usize,
    /// How long the client is awaited before each part.
    pub(crate) pause: Duration,
}

/// What the server has seen of its one client.
#[derive(Debug)]
pub(crate) struct Visit {
    /// The target, as it stood in the request line.
    pub(crate) target: String,
    /// How many parts were written.
    pub(crate) parts: usize,
}

/// Lets `client` visit a server at the address that it is given, and tells what both made of it.
///
/// # Errors
///
/// - no port to be had, or no request came: as the operating system says
pub(crate) fn visit<T>(answer: Answer, client: impl FnOnce(&str) -> T) -> io::Result<(T, Visit)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let (done, client_is_done) = mpsc::channel();
    let serving = thread::spawn(move || serve(&listener, answer, &client_is_done));
    let outcome = client(&format!("http://{address}"));
    drop(done);
    // A client that never came is not waited for.
    drop(TcpStream::connect_timeout(&address, PATIENCE));
    let visit = serving.join();
    let visit = visit.map_err(|_| io::Error::other("the server panicked"))?;
    Ok((outcome, visit?))
}

fn serve(
    listener: &TcpListener,
    answer: Answer,
    client_is_done: &Receiver<Infallible>,
) -> io::Result<Visit> {
    let (mut stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PRESSED))?;
    let target = read(&stream)?;
    stream.write_all(answer.start.as_bytes())?;
    let mut parts = 0;
    while parts < answer.parts
        && client_is_done.recv_timeout(answer.pause) == Err(RecvTimeoutError::Timeout)
    {
        match stream.write(answer.part) {
            Ok(_) => parts += 1,
            Err(error) if is_pressed(&error) => {}
            // The client has hung up.
            Err(_) => break,
        }
    }
    Ok(Visit { target, parts })
}

fn is_pressed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// Reads a request and returns its target.
fn read(stream: &TcpStream) -> io::Result<String> {
    let mut reader = BufReader::new(stream);
    let (mut target, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if target.is_none() {
            target = line.split(' ').nth(1).map(str::to_owned);
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    target.ok_or_else(|| io::Error::other("no request came"))
}
