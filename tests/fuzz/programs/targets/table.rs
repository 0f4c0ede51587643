//! The fuzzer's program for the body `table`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoba_fuzz_bodies::table(data));
