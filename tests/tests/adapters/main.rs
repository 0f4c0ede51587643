//! What a session promises, kept by both adapters over each store; the emulator's journal is the judge.

/// Runs each scenario of a module with each adapter over each store.
#[cfg(test)]
macro_rules! scenarios {
    ($($name:ident,)+) => {
        scenarios!(@ blocking_memory, Blocking, Memory, $($name,)+);
        scenarios!(@ blocking_file, Blocking, File, $($name,)+);
        scenarios!(@ async_memory, Async, Memory, $($name,)+);
        scenarios!(@ async_file, Async, File, $($name,)+);
    };
    (@ $module:ident, $adapter:ident, $kind:ident, $($name:ident,)+) => {
        mod $module {
            use twoba_tests::{Adapter, Kind, World};

            $(
                #[test]
                fn $name() {
                    super::$name(&World::new(Adapter::$adapter, Kind::$kind));
                }
            )+
        }
    };
}

#[cfg(test)]
mod apix;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod import;
#[cfg(test)]
mod login;
#[cfg(test)]
mod logout;
#[cfg(test)]
mod lost_answer;
#[cfg(test)]
mod odd_answers;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod product_data;
#[cfg(test)]
mod program;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod service;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod storms;
#[cfg(test)]
mod traces;
