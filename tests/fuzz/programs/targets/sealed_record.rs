//! The fuzzer's program for the body `sealed_record`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoba_fuzz_bodies::sealed_record(data));
