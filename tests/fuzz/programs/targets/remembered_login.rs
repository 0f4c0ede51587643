//! The fuzzer's program for the body `remembered_login`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoba_fuzz_bodies::remembered_login(data));
