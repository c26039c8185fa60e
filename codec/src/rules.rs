//! The limits and the leniencies under which messages are decoded, strict by default.

/// A line may end in LF alone (RFC 9112 §2.2): start line, field lines, chunk sizes, chunk data, trailers.
pub const BOJAGI_ALLOW_BARE_LF: u32 = 1;
/// Content-Length may repeat, as fields or as a list, when all the numbers are the same (RFC 9110 §8.6); with
/// zeros in front a number is the same, and an empty element is none.
pub const BOJAGI_ALLOW_EQUAL_LENGTHS: u32 = 2;
/// An HTTP/1.1 request may lack a Host (against RFC 9112 §3.2).
pub const BOJAGI_ALLOW_MISSING_HOST: u32 = 4;
/// A status may be 600 to 999 (RFC 9110 §15).
pub const BOJAGI_ALLOW_STATUS_999: u32 = 8;
/// SP and HTAB may stand between a field name and its colon (against RFC 9112 §5.1); not part of the name.
pub const BOJAGI_ALLOW_SPACE_BEFORE_COLON: u32 = 16;
/// SP and HTAB may stand around the parts of a chunk's size line (BWS, RFC 9112 §7.1.1).
pub const BOJAGI_ALLOW_CHUNK_SPACE: u32 = 32;
/// More SP and HTAB may part a start line, and end it (RFC 9112 §3, §4); a reason phrase neither begins nor
/// ends with them then.
pub const BOJAGI_ALLOW_START_LINE_SPACE: u32 = 64;
/// A value may go on in the next line (obs-fold, RFC 9112 §5.2): by the `_in_place` functions only, which
/// overwrite the fold with SP.
pub const BOJAGI_ALLOW_OBS_FOLD: u32 = 128;
/// Stricter: a target holds only bytes that a URI has (RFC 3986 §2), and whole percent triplets.
pub const BOJAGI_REFUSE_NON_URI: u32 = 256;

/// The limits of one message, and which leniencies it is read with. A limit that is reached is BOJAGI_E_LIMIT
/// with a reason of its own.
///
/// Start from `bojagi_rules_init` and change what you need; the reserved words stay zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Bytes of the start line, its CR LF not counted; 16,384 by default.
    pub start_line_max: u32,
    /// Bytes of all field lines of a head with their CR LF; 65,536 by default.
    pub field_bytes_max: u32,
    /// Fields of a head; 256 by default.
    pub field_count_max: u32,
    /// Bytes of all trailers of a message with their CR LF; 16,384 by default.
    pub trailer_bytes_max: u32,
    /// Trailers of a message; 64 by default.
    pub trailer_count_max: u32,
    /// Bytes of all chunk extensions of a message, from `;` to the CR; 4,096 by default.
    pub chunk_extension_max: u32,
    /// Bytes of a body; UINT64_MAX, no limit, by default.
    pub body_max: u64,
    /// A sum of BOJAGI_ALLOW_ bits, each of which lets in what is refused by default, and of
    /// BOJAGI_REFUSE_ bits; 0 by default. Whatever they say, no span ever holds CR, LF or NUL.
    pub flags: u32,
    /// Zero.
    pub reserved: [u32; 5],
}

impl Rules {
    /// Strict, with the default limits.
    pub const STRICT: Self = Self {
        start_line_max: 16_384,
        field_bytes_max: 65_536,
        field_count_max: 256,
        trailer_bytes_max: 16_384,
        trailer_count_max: 64,
        chunk_extension_max: 4_096,
        body_max: u64::MAX,
        flags: 0,
        reserved: [0; 5],
    };
}

impl Rules {
    /// Whether the flags have this BOJAGI_ALLOW_ or BOJAGI_REFUSE_ bit.
    #[inline(always)]
    pub(crate) fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::STRICT
    }
}
