//! A token endpoint on this machine that grants whatever is asked for, after a while if told so.
//! It takes nothing from the allocator for a request, so that only its clients are counted.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::thread_of;

/// More than any request here.
const ROOM: usize = 8 * 1024;

/// What each answer holds, but for a number of its own.
const GRANTED: usize = 240;

/// The server. Its threads end with the process.
#[derive(Debug, Clone)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    posts: AtomicU64,
    delay: AtomicU64,
}

impl Server {
    /// A server that answers at once.
    ///
    /// # Errors
    ///
    /// - no port to be had: as the operating system says
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let server = Self {
            address: listener.local_addr()?,
            shared: Arc::default(),
        };
        let shared = Arc::clone(&server.shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A client that hangs up in the middle ends its thread.
                drop(thread_of(64).spawn(move || serve(stream, &shared)));
            }
        });
        Ok(server)
    }

    /// Where tokens are asked for.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// Has each request wait this long for its answer.
    pub fn set_delay(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.shared.delay.store(millis, Ordering::Relaxed);
    }

    /// How many requests have come.
    #[must_use]
    pub fn posts(&self) -> u64 {
        self.shared.posts.load(Ordering::Relaxed)
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut room = [0; ROOM];
    let mut filled = 0;
    loop {
        filled += match stream.read(&mut room[filled..])? {
            0 => return Ok(()),
            more => more,
        };
        if !is_whole(&room[..filled]) {
            continue;
        }
        filled = 0;
        let number = shared.posts.fetch_add(1, Ordering::Relaxed);
        let delay = shared.delay.load(Ordering::Relaxed);
        if delay > 0 {
            thread::sleep(Duration::from_millis(delay));
        }
        let mut answer = [0; 2 * GRANTED];
        let mut rest = &mut answer[..];
        write!(
            rest,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {GRANTED:03}\r\n\r\n"
        )?;
        let left = rest.len();
        write!(
            rest,
            "{{\"access_token\":\"access-{number:020}\",\"token_type\":\"bearer\",\
             \"expires_in\":3600,\"refresh_token\":\"refresh-{number:020}\"}}"
        )?;
        let written = left - rest.len();
        // White space behind JSON is JSON.
        rest[..GRANTED - written].fill(b' ');
        let end = answer.len() - left + GRANTED;
        stream.write_all(&answer[..end])?;
    }
}

/// Whether a request has arrived up to its last byte.
fn is_whole(read: &[u8]) -> bool {
    let Some(head) = read.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let length = read[..head].split(|&byte| byte == b'\n').find_map(|line| {
        let line = std::str::from_utf8(line).ok()?;
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    read.len() >= head + 4 + length.unwrap_or(0)
}
