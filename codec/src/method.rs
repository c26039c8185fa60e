//! Methods: their ids and names.

pub use crate::phrase::status_phrase;
use core::ffi::CStr;

/// A method that has no id; its name is in the head.
pub const BOJAGI_METHOD_OTHER: u8 = 0;
/// GET (RFC 9110 §9.3.1).
pub const BOJAGI_METHOD_GET: u8 = 1;
/// HEAD (RFC 9110 §9.3.2): its response has no body.
pub const BOJAGI_METHOD_HEAD: u8 = 2;
/// POST (RFC 9110 §9.3.3).
pub const BOJAGI_METHOD_POST: u8 = 3;
/// PUT (RFC 9110 §9.3.4).
pub const BOJAGI_METHOD_PUT: u8 = 4;
/// DELETE (RFC 9110 §9.3.5).
pub const BOJAGI_METHOD_DELETE: u8 = 5;
/// CONNECT (RFC 9110 §9.3.6): after a 2xx the connection is a tunnel.
pub const BOJAGI_METHOD_CONNECT: u8 = 6;
/// OPTIONS (RFC 9110 §9.3.7).
pub const BOJAGI_METHOD_OPTIONS: u8 = 7;
/// TRACE (RFC 9110 §9.3.8).
pub const BOJAGI_METHOD_TRACE: u8 = 8;
/// PATCH (RFC 5789).
pub const BOJAGI_METHOD_PATCH: u8 = 9;

static METHODS: [&CStr; 10] =
    [c"", c"GET", c"HEAD", c"POST", c"PUT", c"DELETE", c"CONNECT", c"OPTIONS", c"TRACE", c"PATCH"];

/// The id of a method; names are case-sensitive (RFC 9110 §9.1). 0 when it has none.
pub fn method_id(name: &[u8]) -> u8 {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(name) {
        *to = *from;
    }
    known_method(word, name.len())
}

/// The id of the method that is the first `len` of these bytes.
#[inline(always)]
pub(crate) fn known_method(word: [u8; 8], len: usize) -> u8 {
    let word = u64::from_le_bytes(word) & !u64::MAX.checked_shl(8 * len as u32).unwrap_or(0);
    let at = slot(word);
    match WORDS.get(at) {
        Some(&known) if known == word && len < 8 => IDS.get(at).copied().unwrap_or(0),
        _ => BOJAGI_METHOD_OTHER,
    }
}

/// A perfect hash: each method has a slot of its own.
static WORDS: [u64; 16] = table().0;
static IDS: [u8; 16] = table().1;

const fn slot(word: u64) -> usize {
    // Found by trial; `table` refuses to compile when two methods fall together.
    (word.wrapping_mul(0x3478_442b_4a8a_a593) >> 60) as usize
}

const fn table() -> ([u64; 16], [u8; 16]) {
    let mut table = ([0; 16], [0; 16]);
    let mut id = 1;
    while id < METHODS.len() {
        let name = METHODS[id].to_bytes();
        let mut word = 0;
        let mut at = 0;
        while at < name.len() {
            word |= (name[at] as u64) << (8 * at);
            at += 1;
        }
        assert!(table.0[slot(word)] == 0, "two methods fall together: find another multiplier");
        table.0[slot(word)] = word;
        table.1[slot(word)] = id as u8;
        id += 1;
    }
    table
}

/// The name of a method; `None` for BOJAGI_METHOD_OTHER and numbers that are no id.
pub fn method_name(id: u32) -> Option<&'static CStr> {
    let name = METHODS.get(usize::try_from(id).ok()?)?;
    (!name.is_empty()).then_some(name)
}
