//! What the fuzz targets share: the codec's exported functions, called in every way that must give
//! the same, and what is known about their answers without asking them again.
//!
//! Each target is a few lines in `fuzz_targets/`. An input begins with a [`setting`]; the rest is
//! what a peer sends. Data stands before a [`wall`], so that a byte read too far ends the program
//! also without a sanitizer.

pub mod bodies;
pub mod completion;
pub mod forms;
pub mod grammar;
pub mod httparse;
pub mod judge;
pub mod kernels;
pub mod limits;
#[cfg(feature = "llhttp")]
pub mod llhttp;
pub mod machine;
pub mod meaning;
pub mod message;
pub mod parts;
pub mod peer;
pub mod round_trip;
pub mod setting;
pub mod text;
pub mod wall;
