//! The caller's output buffer: writes what fits, counts everything.

use crate::fault::Error;
use crate::simd::copy::IS_WIDE;
use core::mem::MaybeUninit;

pub(crate) struct Writer<'a> {
    out: &'a mut [MaybeUninit<u8>],
    at: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut [MaybeUninit<u8>]) -> Self {
        Self { out, at: 0 }
    }

    /// The room that is left.
    #[inline(always)]
    pub(crate) fn room(&mut self) -> &mut [MaybeUninit<u8>] {
        self.out.get_mut(self.at..).unwrap_or(&mut [])
    }

    /// Counts bytes that were written to the front of the room, which is as long as they are.
    #[inline(always)]
    pub(crate) fn skip(&mut self, len: usize) {
        self.at = self.at.wrapping_add(len);
    }

    /// Appends the bytes; beyond the end of the buffer they are only counted.
    #[inline(never)]
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        if let Some(room) = self.room().get_mut(..bytes.len()) {
            let is_short = copy_ends::<8>(room, bytes)
                || copy_ends::<4>(room, bytes)
                || copy_ends::<2>(room, bytes)
                || copy_ends::<1>(room, bytes);
            if !is_short {
                copy(room, bytes, MaybeUninit::new);
            }
        }
        self.at = self.at.saturating_add(bytes.len());
    }

    /// Appends bytes that all have a value, though their type does not say so.
    pub(crate) fn put_written(&mut self, bytes: &[MaybeUninit<u8>]) {
        if let Some(room) = self.room().get_mut(..bytes.len()) {
            copy(room, bytes, |byte| byte);
        }
        self.at = self.at.saturating_add(bytes.len());
    }

    /// Appends the first `len` bytes of an array, with one store where there is room for the whole.
    #[inline(always)]
    pub(crate) fn put_front<const N: usize>(&mut self, bytes: &[u8; N], len: usize) {
        match self.out.get_mut(self.at..).and_then(<[_]>::first_chunk_mut::<N>) {
            Some(room) => {
                room.write_copy_of_slice(bytes);
                self.skip(len);
            }
            None => self.put(bytes.get(..len).unwrap_or(&[])),
        }
    }

    /// Appends a number in decimal digits.
    pub(crate) fn put_decimal(&mut self, mut value: u64) {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        for (at, slot) in digits.iter_mut().enumerate().rev() {
            *slot = b'0' + (value % 10) as u8;
            start = at;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.put(digits.get(start..).unwrap_or(&[]));
    }

    /// Appends a number in lower-case hexadecimal digits.
    pub(crate) fn put_hex(&mut self, value: u64) {
        let mut place = (value | 1).ilog2() / 4 * 4;
        loop {
            let digit = (value >> place & 0xf) as usize;
            self.put_byte(*b"0123456789abcdef".get(digit).unwrap_or(&b'0'));
            match place.checked_sub(4) {
                Some(next) => place = next,
                None => break,
            }
        }
    }

    #[inline(always)]
    fn put_byte(&mut self, byte: u8) {
        if let Some(slot) = self.out.get_mut(self.at) {
            *slot = MaybeUninit::new(byte);
        }
        self.at = self.at.saturating_add(1);
    }

    /// The number of bytes; SPACE when a buffer was given and they did not fit. An empty buffer
    /// asks for the size.
    #[inline]
    pub(crate) fn finish(&self) -> Result<usize, Error> {
        match self.out.is_empty() || self.at <= self.out.len() {
            true => Ok(self.at),
            false => Err(Error::Space),
        }
    }
}

/// Copies `N` to twice as many bytes, if there are so many, as the `N` at either end.
#[inline(always)]
fn copy_ends<const N: usize>(room: &mut [MaybeUninit<u8>], bytes: &[u8]) -> bool {
    let (Some(first), Some(last)) = (bytes.first_chunk::<N>(), bytes.last_chunk::<N>()) else {
        return false;
    };
    if !IS_WIDE || bytes.len() > 2 * N {
        return false;
    }
    if let Some(room) = room.first_chunk_mut::<N>() {
        room.write_copy_of_slice(first);
    }
    if let Some(room) = room.last_chunk_mut::<N>() {
        room.write_copy_of_slice(last);
    }
    true
}

/// The compiler makes this loop a memcpy, and it has no check that could panic.
#[inline(always)]
fn copy<T: Copy>(room: &mut [MaybeUninit<u8>], bytes: &[T], new: impl Fn(T) -> MaybeUninit<u8>) {
    for (slot, &byte) in room.iter_mut().zip(bytes) {
        *slot = new(byte);
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
        let digits = b"0123456789abcdef";
        for len in 1..=16 {
            for digit in 1..16 {
                // The digit, then those that follow it in the alphabet, around and around.
                let value = (0..len).fold(0u64, |value, at| (value << 4) | ((digit + at) % 16));
                let (bytes, count) = written(|w| w.put_hex(value));
                assert_eq!(count as u64, len);
                for at in 0..len {
                    assert_eq!(bytes[at as usize], digits[((digit + at) % 16) as usize]);
                }
            }
        }
        let (bytes, len) = written(|w| w.put_decimal(u64::MAX));
        assert_eq!(&bytes[..len], b"18446744073709551615");
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

    #[test]
    fn puts_the_front_of_an_array_into_any_room() {
        for room in 0..8 {
            let mut out = [MaybeUninit::new(b'-'); 8];
            let mut writer = Writer::new(&mut out[..room]);
            writer.put_front(b"abcd", 2);
            writer.put_front(b"efgh", 4);
            assert_eq!(writer.finish().is_ok(), room == 0 || room >= 6);
        }
    }
}
