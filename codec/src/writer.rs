//! The caller's output buffer: writes what fits, counts everything.

use crate::fault::Error;
use core::mem::MaybeUninit;

pub(crate) struct Writer<'a> {
    out: &'a mut [MaybeUninit<u8>],
    at: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut [MaybeUninit<u8>]) -> Self {
        Self { out, at: 0 }
    }

    /// Appends the bytes; beyond the end of the buffer they are only counted.
    #[inline]
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        let room = self.out.get_mut(self.at..).and_then(|rest| rest.get_mut(..bytes.len()));
        if let Some(room) = room {
            // The compiler makes this loop a memcpy, and it has no check that could panic.
            for (slot, &byte) in room.iter_mut().zip(bytes) {
                *slot = MaybeUninit::new(byte);
            }
        }
        self.at = self.at.saturating_add(bytes.len());
    }

    /// Appends one byte, as `put` does.
    #[inline(never)]
    pub(crate) fn push(&mut self, byte: u8) {
        if let Some(slot) = self.out.get_mut(self.at) {
            slot.write(byte);
        }
        self.at = self.at.saturating_add(1);
    }

    /// Appends a number in decimal digits.
    #[inline(never)]
    pub(crate) fn put_decimal(&mut self, value: u64) {
        let mut digits = [0; 20];
        self.put_digits(value, 10, &mut digits);
    }

    /// Appends a number in lower-case hexadecimal digits.
    pub(crate) fn put_hex(&mut self, value: u64) {
        let mut digits = [0; 16];
        self.put_digits(value, 16, &mut digits);
    }

    #[inline(never)]
    fn put_digits(&mut self, mut value: u64, base: u64, digits: &mut [u8]) {
        let mut start = digits.len();
        for (at, slot) in digits.iter_mut().enumerate().rev() {
            let digit = (value % base) as u8;
            *slot = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
            start = at;
            value /= base;
            if value == 0 {
                break;
            }
        }
        self.put(digits.get(start..).unwrap_or(&[]));
    }

    /// The number of bytes; SPACE when a buffer was given and they did not fit. An empty buffer
    /// asks for the size.
    pub(crate) fn finish(self) -> Result<usize, Error> {
        match self.out.is_empty() || self.at <= self.out.len() {
            true => Ok(self.at),
            false => Err(Error::Space),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(unsafe_code, reason = "every element of the array has a value")]
    fn written(act: impl Fn(&mut Writer<'_>)) -> ([u8; 32], usize) {
        let mut bytes = [0u8; 32];
        let mut out = [MaybeUninit::new(0u8); 32];
        let mut writer = Writer::new(&mut out);
        act(&mut writer);
        let len = writer.finish().unwrap();
        let mut again = Writer::new(&mut []);
        act(&mut again);
        assert_eq!(again.finish(), Ok(len));
        for (byte, slot) in bytes.iter_mut().zip(out) {
            // SAFETY: each element of `out` was made with a value.
            *byte = unsafe { slot.assume_init() };
        }
        (bytes, len)
    }

    #[test]
    fn writes_numbers() {
        let (bytes, len) = written(|w| w.put_decimal(u64::MAX));
        assert_eq!(&bytes[..len], b"18446744073709551615");
        let (bytes, len) = written(|w| w.put_hex(u64::MAX));
        assert_eq!(&bytes[..len], b"ffffffffffffffff");
        let (bytes, len) = written(|w| w.put_hex(0));
        assert_eq!(&bytes[..len], b"0");
    }

    #[test]
    fn answers_space_only_when_a_buffer_was_given() {
        let mut out = [MaybeUninit::new(0u8); 2];
        let mut writer = Writer::new(&mut out);
        writer.put(b"abc");
        assert_eq!(writer.finish(), Err(Error::Space));
    }
}
