//! Measures the jobs that are named, or all of them, and prints what came of it as JSON.
//!
//! A number among the words says how many minutes the load of the job `steady` lasts. It is ten if there is none. With
//! `work`, this is one of several processes that put load on a store.

#[cfg(unix)]
mod access;
#[cfg(unix)]
mod bare;
#[cfg(unix)]
mod crew;
#[cfg(unix)]
mod due;
#[cfg(unix)]
mod memory;
#[cfg(unix)]
mod plan;
#[cfg(unix)]
mod refreshes;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod save;
#[cfg(unix)]
mod say;
#[cfg(unix)]
mod scene;
#[cfg(unix)]
mod steady;
#[cfg(unix)]
mod work;

#[cfg(unix)]
fn main() -> Result<(), twoba_measure::Fault> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["work", task, access @ ..] => work::run(task, access),
        words => run::run(words),
    }
}

#[cfg(not(unix))]
fn main() {}
