//! Two plain 64-bit words, which every machine has.
//!
//! The mark of a byte is its high bit. A byte that is marked may take the one above it along, so only
//! whether there is a mark at all is exact; it is all that is asked.

use super::block::{Block, SIZE};

#[derive(Clone, Copy)]
pub(super) struct Words([u64; 2]);

const LOW: u64 = u64::MAX / 255;
const HIGH: u64 = LOW << 7;

impl Block for Words {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: passed on; this asks for no alignment.
        Self(unsafe { from.cast::<[u64; 2]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: passed on; this asks for no alignment.
        unsafe { to.cast::<[u64; 2]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    fn new(bytes: [u8; SIZE]) -> Self {
        // SAFETY: an array of 16 bytes.
        unsafe { Self::load(bytes.as_ptr()) }
    }

    #[inline(always)]
    fn pair(low: u64, high: u64) -> Self {
        Self([low, high])
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        Self([a | c, b | d])
    }

    #[inline(always)]
    fn is_marked(self) -> bool {
        let [low, high] = self.0;
        (low | high) & HIGH != 0
    }

    #[inline(always)]
    fn outside(self, least: Self) -> Self {
        let ([low, high], [low_least, high_least]) = (self.0, least.0);
        // 0x7f and one has the high bit, as what is below the least less that has it.
        let marks = |word: u64, least| word | word.wrapping_sub(least) | word.wrapping_add(LOW);
        Self([marks(low, low_least), marks(high, high_least)])
    }

    #[inline(always)]
    fn equal(self, byte: u8) -> Self {
        Self(self.0.map(|word| {
            let differing = word ^ (LOW * u64::from(byte));
            // No byte of the sum reaches the next one: exact for each byte.
            !(((differing & !HIGH) + !HIGH) | differing)
        }))
    }

    #[inline(always)]
    fn not_letters(self) -> Self {
        let [low, high] = self.equal(b'-').0;
        let marks = |word: u64, hyphen: u64| {
            let lower = word | (LOW * 0x20);
            let from_a = lower.wrapping_add(LOW * u64::from(0x80 - b'a'));
            let above_z = lower.wrapping_add(LOW * u64::from(0x7f - b'z'));
            word | !((from_a & !above_z) | hyphen)
        };
        let [low_word, high_word] = self.0;
        Self([marks(low_word, low), marks(high_word, high)])
    }
}
