//! `libbojagi.a` for machines without an operating system: the exports of the codec, optimized together,
//! and what Rust wants of a program that has no standard library. `docs/BARE.md` says how firmware uses it.
#![no_std]

mod abort;

pub use bojagi_codec::capi;

/// As the function of this name in the whole library: here the codec is all there is.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_features() -> u64 {
    capi::version::BOJAGI_FEATURE_CODEC
}
