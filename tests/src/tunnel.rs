//! A proxy that opens tunnels and counts them.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A proxy that passes on what comes, as `CONNECT` asks for, and counts how often; it serves as
/// long as the process.
#[derive(Debug)]
pub struct Tunnel {
    address: SocketAddr,
    passed: Arc<AtomicUsize>,
}

impl Tunnel {
    /// One on a port of its own.
    #[must_use]
    pub fn open() -> Self {
        let passed = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&passed);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        drop(thread::spawn(move || {
            for client in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                drop(thread::spawn(move || pass_on(client?)));
            }
        }));
        Self { address, passed }
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections have come.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::SeqCst)
    }
}

fn pass_on(mut client: TcpStream) -> io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let target = head.split(' ').nth(1).ok_or(io::ErrorKind::InvalidData)?;
    let mut server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut to_server, mut from_client) = (server.try_clone()?, client.try_clone()?);
    drop(thread::spawn(move || {
        io::copy(&mut from_client, &mut to_server)?;
        to_server.shutdown(Shutdown::Write)
    }));
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)
}
