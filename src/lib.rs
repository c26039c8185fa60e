//! Sockets and HTTP/1.1 behind a small, stable C ABI.
//!
//! Level 1 is [`net`]: TCP, UDP and Unix sockets whose every call has a budget ([`deadline`]), can be
//! ended from elsewhere ([`cancel`]) and fails with words that name the subject ([`error`]). Level 2 is
//! [`codec`], HTTP/1.1 without I/O. [`buffer`] stands between them and receives one head or one body;
//! [`date`] has the one kind of value that needs a clock and a calendar.
//!
//! [`capi`] is what C and every other language call; `include/bojagi.h` is its manual, and
//! `docs/ARCHITECTURE.md` a tour of the whole.
#![deny(unsafe_code)]

pub use bojagi_codec as codec;

pub mod buffer;
pub mod cancel;
pub mod capi;
pub mod date;
pub mod deadline;
pub mod error;
pub mod net;
