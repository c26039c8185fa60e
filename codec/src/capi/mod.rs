//! The codec's part of the C ABI.
pub mod code;
