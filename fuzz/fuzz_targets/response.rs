//! The head of a response: any bytes, any rules, any method of the request.
#![no_main]

use bojagi_fuzz::judge::judge;
use bojagi_fuzz::machine::Machine;
use bojagi_fuzz::setting::Setting;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((setting, data)) = Setting::split(input) {
        judge(Machine::response(&setting.rules, setting.method), &setting, data);
    }
});
