//! `bojagi_features`
#![allow(unsafe_code, reason = "exported symbols are `unsafe(no_mangle)`")]

use crate::codec::capi::version::{BOJAGI_FEATURE_CODEC, BOJAGI_FEATURE_NET};

/// What this build holds: a sum of BOJAGI_FEATURE_ bits. What is not in answers BOJAGI_E_UNSUPPORTED; the bare
/// archive does without its functions.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_features() -> u64 {
    BOJAGI_FEATURE_CODEC | BOJAGI_FEATURE_NET
}
