//! What we accept httparse accepts, with the same spans.
#![no_main]

use bojagi_fuzz::httparse::judge;

libfuzzer_sys::fuzz_target!(|input: &[u8]| judge(input));
