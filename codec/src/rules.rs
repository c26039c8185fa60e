//! The limits under which messages are decoded, strict by default.

/// The limits of one message. A limit that is reached is BOJAGI_E_LIMIT with a reason of its own.
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
    /// Zero.
    pub reserved: [u32; 6],
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
        reserved: [0; 6],
    };
}

impl Default for Rules {
    fn default() -> Self {
        Self::STRICT
    }
}
