//! The fuzzer's program for the body `product_data`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twoba_fuzz_bodies::product_data(data));
