//! Runs the server. `route` finds the module for each path, and that module makes the answer.

mod answer;
mod assertion;
mod authorize;
mod bearer;
mod client_authentication;
mod coding;
mod connection;
mod console;
mod control;
mod cors;
mod damage;
mod delivery;
mod folded;
mod follow;
mod handed_over;
mod introspection;
mod metadata;
mod mounted;
mod origin;
mod payload;
mod request;
mod revocation;
mod route;
mod scope;
mod shown;
mod token;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;

use crate::request::SeenRequest;
use crate::world::{Setup, Shared, World};

/// The address and the state that the server shares with its handle, or why it could not start.
type Started = io::Result<(SocketAddr, Arc<Shared>)>;

/// Listens and serves until `stopped` is dropped. Tells `ready` whether it could start.
pub(crate) fn run(
    listen: SocketAddr,
    setup: Setup,
    world: World,
    stopped: oneshot::Receiver<Infallible>,
    ready: &mpsc::SyncSender<Started>,
) {
    let begin = || {
        // One thread: all state is behind one lock, and a second thread would only wait for it.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            connection::listen(listen)?
        };
        let address = listener.local_addr()?;
        Ok((runtime, listener, address))
    };
    match begin() {
        Ok((runtime, listener, address)) => {
            let shared = Arc::new(Shared::new(address, setup, world));
            if ready.send(Ok((address, Arc::clone(&shared)))).is_err() {
                return;
            }
            drop(runtime.spawn(connection::accept(listener, shared)));
            // Resolves when the handle is dropped; dropping the runtime then ends every connection.
            match runtime.block_on(stopped) {
                Ok(never) => match never {},
                Err(_dropped) => drop(runtime),
            }
        }
        Err(error) => ready.send(Err(error)).unwrap_or_default(),
    }
}

pub(crate) use shown::show;

/// The last requests, in the form in which they may be shown.
pub(crate) fn requests(shared: &Shared) -> Vec<SeenRequest> {
    let (_, kept) = shared.world().requests_after(0);
    kept.iter()
        .map(|(number, kept)| shown::show(shared, *number, kept))
        .collect()
}
