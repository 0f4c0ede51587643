//! The entry of a keychain, by the store of this operating system.

#[cfg(target_os = "macos")]
mod apple;
#[cfg(not(any(
    target_os = "linux",
    target_os = "freebsd",
    target_os = "macos",
    windows
)))]
mod none;
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
mod secret_service;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "macos")]
pub(crate) use apple::entry;
#[cfg(not(any(
    target_os = "linux",
    target_os = "freebsd",
    target_os = "macos",
    windows
)))]
pub(crate) use none::entry;
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
pub(crate) use secret_service::entry;
#[cfg(windows)]
pub(crate) use windows::entry;
