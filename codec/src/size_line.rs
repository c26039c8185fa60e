//! The size line of a chunk as nearly everybody writes it: up to six digits and CR LF, in eight bytes.
//!
//! Its reader is in front of the machine of `chunked.rs`, which reads all lines: what is not such a
//! line is left to it. Chunks mostly have one size, so a line that is the same as the one before is
//! known at a glance, and the place of the next one does not wait for its digits.

/// A size line that was read.
#[derive(Clone, Copy)]
pub(crate) struct SizeLine {
    /// The bytes of the chunk's data; not 0.
    pub size: u32,
    /// The bytes of the line, its CR LF included.
    pub len: u32,
    /// The bytes themselves, the first one lowest, and which bytes of a word they are.
    image: u64,
    mask: u64,
}

impl SizeLine {
    /// A line that nothing begins with.
    pub(crate) const NONE: Self = Self { size: 0, len: 0, image: 1, mask: 0 };

    /// Whether these bytes begin with this line.
    #[inline(always)]
    pub(crate) fn begins(&self, bytes: &[u8; 8]) -> bool {
        u64::from_le_bytes(*bytes) & self.mask == self.image
    }

    /// The line that these bytes begin with, if it is such a line and its size is not 0.
    ///
    /// The digits are looked up one by one: their number is the same most of the time, so that a
    /// processor guesses it right and reads the bytes all at once.
    #[inline(always)]
    pub(crate) fn read(bytes: &[u8; 8]) -> Option<Self> {
        let (mut size, mut digits) = (0, 0);
        for &byte in bytes.iter().take(DIGITS_MAX) {
            let Some(digit) = hex_digit(byte) else { break };
            size = size << 4 | u32::from(digit);
            digits += 1;
        }
        let word = u64::from_le_bytes(*bytes);
        let end = (word >> (8 * digits)) as u16;
        if size == 0 || end != u16::from_le_bytes(*b"\r\n") {
            return None;
        }
        let mask = u64::MAX >> (48 - 8 * digits);
        Some(Self { size, len: digits + 2, image: word & mask, mask })
    }
}

/// The value of a hexadecimal digit of either case.
#[inline(always)]
fn hex_digit(byte: u8) -> Option<u8> {
    let digit = HEX[usize::from(byte)];
    (digit < 16).then_some(digit)
}

/// A table, for the digits of a size are as good as random, and so would be branches on them.
static HEX: [u8; 256] = hex_table();

const fn hex_table() -> [u8; 256] {
    let mut table = [u8::MAX; 256];
    let mut digit = 0;
    while digit < 16 {
        let byte = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
        table[byte as usize] = digit;
        table[byte.to_ascii_uppercase() as usize] = digit;
        digit += 1;
    }
    table
}

/// With CR LF they fill a word.
const DIGITS_MAX: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Option<(u32, u32)> {
        let mut bytes = *b"........";
        bytes[..text.len()].copy_from_slice(text);
        let line = SizeLine::read(&bytes)?;
        assert!(line.begins(&bytes));
        Some((line.size, line.len))
    }

    #[test]
    fn reads_up_to_six_digits_of_either_case() {
        assert_eq!(read(b"1\r\n"), Some((1, 3)));
        assert_eq!(read(b"aF\r\n"), Some((0xaf, 4)));
        assert_eq!(read(b"0400\r\n"), Some((0x400, 6)));
        assert_eq!(read(b"fFfFfF\r\n"), Some((0xff_ffff, 8)));
    }

    #[test]
    fn leaves_everything_else_to_the_machine() {
        for text in
            [&b""[..], b"\r\n", b"0\r\n", b"000000\r\n", b"1234567", b"12345678", b"1234567\r"]
        {
            assert_eq!(read(text), None, "{}", text.escape_ascii());
        }
        for text in [
            &b"1\n"[..],
            b"1\r",
            b"1\r\r\n",
            b" 1\r\n",
            b"1 \r\n",
            b"1;a\r\n",
            b"+1\r\n",
            b"1g\r\n",
        ] {
            assert_eq!(read(text), None, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn knows_a_line_again_and_no_other() {
        let line = SizeLine::read(b"1a\r\nabcd").unwrap();
        assert!(line.begins(b"1a\r\n\r\n\r\n"));
        for bytes in
            [b"1A\r\nabcd", b"01a\r\nabc", b"1a\r\rabcd", b"1b\r\nabcd", b"\0\0\0\0\0\0\0\0"]
        {
            assert!(!line.begins(bytes), "{}", bytes.escape_ascii());
            assert!(!SizeLine::NONE.begins(bytes));
        }
    }

    #[test]
    fn knows_the_digits_among_all_bytes() {
        for byte in 0..=u8::MAX {
            let digit = char::from(byte).to_digit(16).filter(|_| byte.is_ascii());
            assert_eq!(hex_digit(byte).map(u32::from), digit, "{byte}");
        }
    }
}
