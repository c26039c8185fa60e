//! A body with its trailers: mostly chunked, else of a length or until the close.
#![no_main]

use bojagi_fuzz::bodies::judge;
use bojagi_fuzz::setting::Setting;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((setting, data)) = Setting::split(input) {
        judge(&setting, data);
    }
});
