//! The result codes of the whole library: `>= 0` is success, each code below is a thing that a
//! caller acts on. -1 is no code: it stands for "for ever" (time) and "not there" (look-ups).

/// An argument is wrong: NULL where a pointer must be, an integer out of range, text that is not what
/// it must be. Mend the call.
pub const BOJAGI_E_ARG: i64 = -2;
/// The call does not fit the state of the handle: not connected, already in use by another thread,
/// poisoned by a panic.
pub const BOJAGI_E_STATE: i64 = -3;
/// The system has no memory for this.
pub const BOJAGI_E_MEMORY: i64 = -4;
/// The caller's buffer or array is too small. Call again with a larger one.
pub const BOJAGI_E_SPACE: i64 = -5;
/// A limit was reached: one of the rules of the codec or of a frame, or the process' open files.
pub const BOJAGI_E_LIMIT: i64 = -6;
/// The bytes break a rule of HTTP, or would if they were encoded: the fault says which and where. Or the
/// length before a frame is malformed.
pub const BOJAGI_E_SYNTAX: i64 = -7;
/// The transport ended in the middle of a message, or a file before what was to be sent of it.
pub const BOJAGI_E_TRUNCATED: i64 = -8;
/// The name could not be turned into an address.
pub const BOJAGI_E_RESOLVE: i64 = -9;
/// Nobody listens at the address.
pub const BOJAGI_E_REFUSED: i64 = -10;
/// No route leads to the address.
pub const BOJAGI_E_UNREACHABLE: i64 = -11;
/// The peer broke the connection off, or has been silent for so long that the system gave it up.
pub const BOJAGI_E_RESET: i64 = -12;
/// The peer, or an earlier shutdown, has closed this direction.
pub const BOJAGI_E_CLOSED: i64 = -13;
/// The time budget ran out.
pub const BOJAGI_E_TIMEOUT: i64 = -14;
/// The cancel attached to the handle was fired.
pub const BOJAGI_E_CANCELLED: i64 = -15;
/// A signal arrived while an INTERRUPTIBLE handle waited. Nothing is lost; call again.
pub const BOJAGI_E_INTERRUPTED: i64 = -16;
/// The call would have to wait and its budget is 0.
pub const BOJAGI_E_AGAIN: i64 = -17;
/// The address or path is taken.
pub const BOJAGI_E_IN_USE: i64 = -18;
/// The system does not permit this.
pub const BOJAGI_E_DENIED: i64 = -19;
/// Another failure of the system: the OS error says which.
pub const BOJAGI_E_OS: i64 = -20;
/// This system or this build cannot do that.
pub const BOJAGI_E_UNSUPPORTED: i64 = -21;
/// A defect of the library was caught. The handle only answers `_free` from now on.
pub const BOJAGI_E_PANIC: i64 = -22;
