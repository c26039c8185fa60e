//! Sockets and HTTP/1.1 behind a small, stable C ABI.
#![deny(unsafe_code)]

pub use bojagi_codec as codec;

pub mod buffer;
pub mod cancel;
pub mod capi;
pub mod deadline;
pub mod error;
pub mod net;
