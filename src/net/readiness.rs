//! What a descriptor is ready for, in the words of the ABI.

/// A call that receives, or accepts, need not wait.
pub const BOJAGI_READABLE: u32 = 1;
/// A call that sends need not wait.
pub const BOJAGI_WRITABLE: u32 = 2;
/// `bojagi_event`: the peer has sent its last byte, or is gone.
pub const BOJAGI_ENDED: u32 = 4;
/// `bojagi_event`: there is an error, which the next call on the socket answers.
pub const BOJAGI_FAILED: u32 = 8;
/// `bojagi_event`: `bojagi_poller_wake` was called.
pub const BOJAGI_WOKEN: u32 = 16;

/// What a poller tells about one descriptor.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What the descriptor was added with; 0 with BOJAGI_WOKEN.
    pub token: u64,
    /// A sum of BOJAGI_READABLE, _WRITABLE, _ENDED, _FAILED; or BOJAGI_WOKEN alone.
    pub events: u32,
    /// Zero.
    pub reserved: u32,
}
