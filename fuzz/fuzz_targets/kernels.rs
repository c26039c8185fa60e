//! The head of a request or response, decoded at many places in memory.
#![no_main]

use bojagi_fuzz::kernels::judge;
use bojagi_fuzz::setting::Setting;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((setting, data)) = Setting::split(input) {
        judge(&setting, data);
    }
});
