//! What a hostile reader tries on the keeper of both adapters: waits that starve others, callers that leave,
//! stores that fail at the worst moment, hooks that ask their own session.

#[cfg(test)]
mod backwards;
#[cfg(test)]
mod early;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod handles;
#[cfg(test)]
mod hanging;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod kept_alive;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod panics;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod unsaved;
#[cfg(test)]
mod waiters;
