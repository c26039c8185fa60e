//! IPv6 addresses as they stand between the brackets of a host (RFC 3986 §3.2.2).
//!
//! Written out rather than left to `core::net`, which says whether a text is an address but not where
//! it stops being one.

/// Nothing, or the offset of the first byte that no address has there; the length when it ends early.
pub(crate) fn check_v6(text: &[u8]) -> Result<(), usize> {
    let mut groups = Groups::default();
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b':' => groups.colon(at)?,
            b'.' => return groups.v4_tail(text, at),
            byte if byte.is_ascii_hexdigit() => groups.digit(at)?,
            _ => return Err(at),
        }
    }
    if groups.may_end() { Ok(()) } else { Err(text.len()) }
}

/// What has been read: groups of up to four hexadecimal digits, and at most one `::`.
#[derive(Default)]
struct Groups {
    count: u8,
    has_gap: bool,
    /// Digits of the group that is being read; 0 after a colon.
    digits: u8,
    /// Colons at once before this place.
    colons: u8,
    start: usize,
}

impl Groups {
    /// Eight groups, or fewer with a gap, which stands for at least one.
    fn count_max(&self) -> u8 {
        if self.has_gap { 7 } else { 8 }
    }

    fn digit(&mut self, at: usize) -> Result<(), usize> {
        if self.digits == 0 {
            let is_after_lone_colon = self.count == 0 && self.colons == 1;
            if self.count == self.count_max() || is_after_lone_colon {
                return Err(at);
            }
            self.count += 1;
            self.start = at;
            self.colons = 0;
        }
        if self.digits == 4 {
            return Err(at);
        }
        self.digits += 1;
        Ok(())
    }

    fn colon(&mut self, at: usize) -> Result<(), usize> {
        if self.digits > 0 {
            if self.count == self.count_max() {
                return Err(at);
            }
            self.digits = 0;
            self.colons = 1;
        } else if at == 0 {
            self.colons = 1;
        } else if self.colons == 1 && !self.has_gap {
            if self.count == 8 {
                return Err(at);
            }
            self.has_gap = true;
            self.colons = 2;
        } else {
            return Err(at);
        }
        Ok(())
    }

    fn may_end(&self) -> bool {
        let is_after_colon = self.digits == 0 && self.colons == 1;
        !is_after_colon && (self.has_gap || self.count == 8)
    }

    /// The last two groups in the form of an IPv4 address, whose first number is the group before `dot`.
    fn v4_tail(&self, text: &[u8], dot: usize) -> Result<(), usize> {
        let before = self.count.saturating_sub(1);
        let fits = if self.has_gap { before <= 5 } else { before == 6 };
        if self.digits == 0 || !fits || octet_len(text, self.start) != Ok(dot - self.start) {
            return Err(dot);
        }
        let mut at = dot;
        for _ in 0..3 {
            if text.get(at) != Some(&b'.') {
                return Err(at);
            }
            at += 1;
            at += octet_len(text, at)?;
        }
        if at == text.len() { Ok(()) } else { Err(at) }
    }
}

/// The length of a number from 0 to 255 without leading zeros, or the offset at which there is none.
fn octet_len(text: &[u8], start: usize) -> Result<usize, usize> {
    let mut value = 0u16;
    let mut at = start;
    while let Some(&byte) = text.get(at)
        && byte.is_ascii_digit()
    {
        let has_leading_zero = at > start && value == 0;
        value = value.saturating_mul(10).saturating_add(u16::from(byte - b'0'));
        if has_leading_zero || value > 255 {
            return Err(at);
        }
        at += 1;
    }
    if at == start { Err(at) } else { Ok(at - start) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::Ipv6Addr;
    use core::str::from_utf8;

    fn is_address(text: &[u8]) -> bool {
        from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
    }

    /// Every text of up to nine of these pieces: what `core::net` takes, we take, and nothing else.
    #[test]
    fn takes_what_the_standard_library_takes() {
        let pieces: [&[u8]; 7] = [b":", b"::", b"1", b"ab", b"12345", b".", b"255"];
        let mut seed = 1u32;
        let mut taken = 0;
        for _ in 0..400_000 {
            let mut text = [0; 64];
            let mut len = 0;
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            for _ in 0..1 + seed % 17 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Colons and short groups are likely, so that long addresses come up.
                let piece =
                    pieces[[0, 2, 0, 2, 0, 3, 1, 5, 6, 4, 0, 2][(seed >> 20) as usize % 12]];
                if len + piece.len() > text.len() {
                    break;
                }
                text[len..len + piece.len()].copy_from_slice(piece);
                len += piece.len();
            }
            let text = &text[..len];
            assert_eq!(check_v6(text).is_ok(), is_address(text), "{:?}", from_utf8(text));
            taken += usize::from(is_address(text));
        }
        assert!(taken > 100, "only {taken} addresses came up");
    }

    #[test]
    fn says_where_an_address_ends_being_one() {
        for (text, at) in [
            (&b""[..], 0),
            (b":", 1),
            (b":1", 1),
            (b":::", 2),
            (b"::1::", 4),
            (b"1:2:3:4:5:6:7", 13),
            (b"1:2:3:4:5:6:7:8:", 15),
            (b"1:2:3:4:5:6:7:8::", 15),
            (b"::g", 2),
            (b"12345::", 4),
            (b"::1.2.3", 7),
            (b"::256.1.1.1", 5),
            (b"::1.2.3.256", 10),
            (b"::1.2.03.4", 7),
            (b"::1.2.3.4.", 9),
            (b"1.2.3.4", 1),
        ] {
            assert_eq!(check_v6(text), Err(at), "{:?}", from_utf8(text));
        }
    }
}
