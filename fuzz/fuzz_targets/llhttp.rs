//! What we accept llhttp accepts, with the same parts, the same body, the same end.
#![no_main]

use bojagi_fuzz::llhttp::judge;

libfuzzer_sys::fuzz_target!(|input: &[u8]| judge(input));
