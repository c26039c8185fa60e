//! The C ABI: one file per noun, conversion only; `ptr.rs` holds every dereference.
pub mod version;
