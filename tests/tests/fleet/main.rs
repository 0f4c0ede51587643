//! The store of a fleet: PostgreSQL, directly and by a pooler, with what databases do to their clients.

#![cfg(unix)]

#[cfg(test)]
mod claims;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod doubts;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod full;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod marks;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod pools;
#[cfg(test)]
mod program;
#[cfg(test)]
mod refreshes;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod secured;
