//! Texts that few programs ask for, joined into one static.
//!
//! A string literal on its own lies between all others, where a linker cannot tell who needs it. Joined
//! under one name, the texts stay out of an image that has no use for them, and no table of pointers
//! comes with them. Finding one means to walk past those before it.

use core::ffi::CStr;

/// The bytes that the pairs need when they are joined.
pub const fn joined_len(pairs: &[(&CStr, &CStr)]) -> usize {
    let (mut len, mut at) = (0, 0);
    while at < pairs.len() {
        len += pairs[at].0.to_bytes_with_nul().len() + pairs[at].1.to_bytes_with_nul().len();
        at += 1;
    }
    len
}

/// The texts in the order of the pairs, each with its NUL.
pub const fn join<const LEN: usize>(pairs: &[(&CStr, &CStr)]) -> [u8; LEN] {
    let mut joined = [0; LEN];
    let (mut len, mut at) = (0, 0);
    while at < pairs.len() {
        len = append(&mut joined, len, pairs[at].0.to_bytes_with_nul());
        len = append(&mut joined, len, pairs[at].1.to_bytes_with_nul());
        at += 1;
    }
    joined
}

const fn append(joined: &mut [u8], mut len: usize, text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() {
        joined[len] = text[at];
        len += 1;
        at += 1;
    }
    len
}

/// The text with this number, counted from 0 in the order of joining.
pub fn nth(joined: &'static [u8], number: usize) -> Option<&'static CStr> {
    let mut rest = joined;
    for _ in 0..number {
        let skipped = CStr::from_bytes_until_nul(rest).ok()?;
        rest = rest.get(skipped.to_bytes_with_nul().len()..)?;
    }
    CStr::from_bytes_until_nul(rest).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_text_and_none_behind_the_last() {
        const PAIRS: [(&CStr, &CStr); 3] = [(c"a", c"bc"), (c"", c"d"), (c"ef", c"")];
        static JOINED: [u8; joined_len(&PAIRS)] = join(&PAIRS);
        assert_eq!(&JOINED, b"a\0bc\0\0d\0ef\0\0");
        for (number, text) in [c"a", c"bc", c"", c"d", c"ef", c""].into_iter().enumerate() {
            assert_eq!(nth(&JOINED, number), Some(text));
        }
        assert_eq!(nth(&JOINED, 6), None);
        assert_eq!(nth(&JOINED, usize::MAX), None);
    }
}
