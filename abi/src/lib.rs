//! `libbojagi.so` and `libbojagi.a`: the exports of the crates `bojagi` and `bojagi-codec`, optimized
//! together and linked as one. There is no code of its own here.

pub use bojagi_exports::{capi, codec};
