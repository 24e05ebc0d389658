#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| supcon_worker::fuzzing::container(bytes));
