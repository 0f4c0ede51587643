//! The way to a server through a place where bytes of any protocol get lost, are late, or are cut off.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Nobody waits for longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What happens to the bytes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    /// They arrive.
    #[default]
    Calm,
    /// The server's bytes are swallowed, and the connection stays.
    SwallowAnswers,
    /// The client's bytes are swallowed, and the connection stays.
    SwallowRequests,
    /// The client's bytes wait until it is calm again, even if the client has gone.
    HoldRequests,
    /// The connection ends when the server answers, and the answer is lost.
    CutAtAnswer,
    /// The connection ends when the client sends something, which is lost.
    CutAtRequest,
}

/// The way to a server.
#[derive(Debug)]
pub struct Strait {
    address: SocketAddr,
    sea: Arc<Sea>,
}

#[derive(Debug, Default)]
struct Sea {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    weather: Weather,
    /// The weather is for connections below this number.
    below: usize,
    made: usize,
}

#[derive(Clone, Copy)]
enum Direction {
    ToServer,
    ToClient,
}

impl Strait {
    /// A calm way to the server at this address.
    #[must_use]
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let sea = Arc::new(Sea::default());
        let kept = Arc::clone(&sea);
        drop(thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let sea = Arc::clone(&kept);
                let number = sea.next_number();
                if let Ok(upstream) = TcpStream::connect(server) {
                    carry(&client, &upstream, &sea, number, Direction::ToServer);
                    carry(&upstream, &client, &sea, number, Direction::ToClient);
                }
            }
        }));
        Self { address, sea }
    }

    /// The port where it begins, at 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Sets the weather for the connections that are there, and calm for those that come.
    pub fn for_those_there(&self, weather: Weather) {
        let mut state = self.sea.state();
        state.weather = weather;
        state.below = state.made;
        drop(state);
        self.sea.changed.notify_all();
    }

    /// Sets the weather for all connections.
    pub fn for_all(&self, weather: Weather) {
        let mut state = self.sea.state();
        state.weather = weather;
        state.below = usize::MAX;
        drop(state);
        self.sea.changed.notify_all();
    }
}

impl Sea {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_number(&self) -> usize {
        let mut state = self.state();
        state.made += 1;
        state.made - 1
    }

    fn weather(&self, number: usize) -> Weather {
        let state = self.state();
        if number < state.below {
            state.weather
        } else {
            Weather::Calm
        }
    }

    fn wait_while_held(&self, number: usize) {
        let held =
            |state: &mut State| state.weather == Weather::HoldRequests && number < state.below;
        let waited = self
            .changed
            .wait_timeout_while(self.state(), PATIENCE, held);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

/// Carries bytes in one direction, on a thread of its own.
fn carry(from: &TcpStream, to: &TcpStream, sea: &Arc<Sea>, number: usize, direction: Direction) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    let sea = Arc::clone(sea);
    drop(thread::spawn(move || {
        let mut piece = [0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            match (sea.weather(number), direction) {
                (Weather::SwallowAnswers, Direction::ToClient)
                | (Weather::SwallowRequests, Direction::ToServer) => continue,
                (Weather::CutAtAnswer, Direction::ToClient)
                | (Weather::CutAtRequest, Direction::ToServer) => {
                    from.shutdown(Shutdown::Both).unwrap_or_default();
                    break;
                }
                (Weather::HoldRequests, Direction::ToServer) => sea.wait_while_held(number),
                (
                    Weather::Calm
                    | Weather::SwallowAnswers
                    | Weather::SwallowRequests
                    | Weather::HoldRequests
                    | Weather::CutAtAnswer
                    | Weather::CutAtRequest,
                    _,
                ) => {}
            }
            let bytes = piece.get(..read).unwrap_or_default();
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        to.shutdown(Shutdown::Write).unwrap_or_default();
    }));
}
