//! Encode, then decode.
#![no_main]

use bojagi_fuzz::parts::Parts;
use bojagi_fuzz::round_trip::judge;

libfuzzer_sys::fuzz_target!(|parts: Parts<'_>| judge(&parts));
