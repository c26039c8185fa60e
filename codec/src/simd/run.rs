//! How long a run of bytes of one class is: what the state machines ask.

#[cfg(feature = "sweep")]
use super::words::{not_target, not_text, words_len};
use crate::token::{TARGET, TCHAR, TEXT, is_in};

/// The length of the token that the bytes begin with (RFC 9110 §5.6.2).
pub(crate) fn token_len(bytes: &[u8]) -> usize {
    run_len(TCHAR, bytes)
}

/// The length of the run of HTAB, SP, VCHAR and obs-text: a field value or reason phrase.
pub(crate) fn text_len(bytes: &[u8]) -> usize {
    run_len(TEXT, bytes)
}

/// The length of the run of 0x21 to 0x7e without `#`: a request target.
pub(crate) fn target_len(bytes: &[u8]) -> usize {
    run_len(TARGET, bytes)
}

/// The length of the run of bytes of one class. Without the sweep they are looked up one by one, in a smaller
/// image.
#[inline(never)]
pub(crate) fn run_len(class: u8, bytes: &[u8]) -> usize {
    let words = match class {
        #[cfg(feature = "sweep")]
        TEXT => words_len(bytes, not_text),
        #[cfg(feature = "sweep")]
        TARGET => words_len(bytes, not_target),
        _ => 0,
    };
    let rest = bytes.get(words..).unwrap_or(&[]);
    words + rest.iter().position(|&byte| !is_in(class, byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::is_text;

    fn naive(bytes: &[u8], in_class: impl Fn(u8) -> bool) -> usize {
        bytes.iter().position(|&byte| !in_class(byte)).unwrap_or(bytes.len())
    }

    #[test]
    fn agrees_with_the_class_for_each_byte_at_each_place() {
        for place in 0..24 {
            for byte in 0..=255 {
                let mut bytes = [b'a'; 24];
                bytes[place] = byte;
                assert_eq!(text_len(&bytes), naive(&bytes, is_text), "{byte} at {place}");
                let target = |b: u8| (0x21..=0x7e).contains(&b) && b != b'#';
                assert_eq!(target_len(&bytes), naive(&bytes, target), "{byte} at {place}");
            }
        }
    }

    #[test]
    fn steps_over_every_tab() {
        assert_eq!(text_len(b"\t\t\t\t\t\t\t\t\t\tabc\t\r"), 14);
        assert_eq!(text_len(b""), 0);
    }
}
