//! The head of a request: any bytes, any rules.
#![no_main]

use bojagi_fuzz::judge::judge;
use bojagi_fuzz::machine::Machine;
use bojagi_fuzz::setting::Setting;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((setting, data)) = Setting::split(input) {
        judge(Machine::request(&setting.rules), &setting, data);
    }
});
