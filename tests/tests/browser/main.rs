//! What a person sees and does in a real browser, headless: each page is the one that the program or
//! the emulator sends, and nothing is done behind the browser's back.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod console;
mod foreground;
mod login;
mod pages;
mod seat;
mod unifeed;
