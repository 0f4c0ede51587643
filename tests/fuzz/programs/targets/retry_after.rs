//! The fuzzer's program for the body `retry_after`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoba_fuzz_bodies::retry_after(data));
