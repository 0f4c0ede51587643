//! The fuzzer's program for the body `selection`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoba_fuzz_bodies::selection(data));
