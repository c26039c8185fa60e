//! What an input says beside its bytes: the rules, the request's method, where it is cut.
//!
//! The first bytes of an input are the setting, so that its last byte is the last one of the memory
//! that the fuzzer gives us. Zeros are the plainest setting, which is what the seeds use.

use bojagi_codec::Rules;
use bojagi_codec::capi::rules::bojagi_rules_init;

/// How an input is judged.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The rules: strict with the default limits, unless the input says otherwise.
    pub rules: Rules,
    /// A BOJAGI_METHOD_: the request that a response answers.
    pub method: u32,
    /// Room in the first array of fields and in that of spans.
    pub cap: u32,
    /// What stands behind the bytes that have come.
    pub noise: u8,
    cut: u16,
}

/// Bytes that a setting takes.
pub const LEN: usize = 8;

const FLAGS: u16 = 0x1ff;
const METHODS: u8 = 10;

impl Setting {
    /// The setting that the input begins with, and the rest; `None` when the input is too short.
    pub fn split(input: &[u8]) -> Option<(Self, &[u8])> {
        let (&[flags_low, flags_high, small, size, method, noise, low, high], rest) =
            input.split_first_chunk::<LEN>()?;
        let mut rules = strict();
        rules.flags = u32::from(u16::from_le_bytes([flags_low, flags_high]) & FLAGS);
        limit(&mut rules, small, size);
        let cap = u32::from(method / METHODS % 4);
        let method = u32::from(method % METHODS);
        let cut = u16::from_le_bytes([low, high]);
        Some((Self { rules, method, cap, noise, cut }, rest))
    }

    /// Where input of this length is cut in two.
    pub fn cut(&self, len: usize) -> usize {
        usize::from(self.cut) % (len + 1)
    }

    /// A number that has nothing to do with the rest of the setting.
    pub fn number(&self) -> usize {
        usize::from(self.cut)
    }
}

/// The rules that users begin with.
pub fn strict() -> Rules {
    let mut rules = Rules::default();
    // SAFETY: the rules are ours to write.
    unsafe { bojagi_rules_init(&mut rules) };
    rules
}

/// Makes some of the limits small, each bit of `small` one of them.
fn limit(rules: &mut Rules, small: u8, size: u8) {
    let size = u32::from(size);
    let limits = [
        (&mut rules.start_line_max, size),
        (&mut rules.field_bytes_max, 2 * size),
        (&mut rules.field_count_max, size % 8),
        (&mut rules.trailer_bytes_max, size),
        (&mut rules.trailer_count_max, size % 4),
        (&mut rules.chunk_extension_max, size % 32),
    ];
    for (bit, (limit, value)) in limits.into_iter().enumerate() {
        if small >> bit & 1 != 0 {
            *limit = value;
        }
    }
    if small >> 6 & 1 != 0 {
        rules.body_max = size.into();
    }
}
