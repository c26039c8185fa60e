//! The codec's part of the C ABI: one file per noun, conversion only; `ptr.rs` holds every
//! dereference. None of these functions can panic, and none touches a thread-local.
#![allow(
    unsafe_code,
    reason = "exported symbols are `unsafe(no_mangle)`, and C hands out pointers"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the contract towards C is the conventions page of the header"
)]

pub mod basic;
pub mod body;
pub mod code;
pub mod connection;
pub mod encode;
pub mod etag;
pub mod field;
pub mod head;
pub mod list;
pub mod parameter;
pub mod percent;
mod ptr;
pub mod quality;
pub mod range;
pub mod rules;
pub mod text;
mod value;
pub mod version;
