//! What the emulator promises on the wire, asked with nothing but sockets.

#[cfg(test)]
mod assertions;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod console;
#[cfg(test)]
mod control;
#[cfg(test)]
mod cors;
#[cfg(test)]
mod events;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod introspection;
#[cfg(test)]
mod life;
#[cfg(test)]
mod login;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod product_data;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod service;
#[cfg(test)]
mod soap;
#[cfg(test)]
mod token;
#[cfg(test)]
mod unifeed;
#[cfg(test)]
mod wire;
