//! `bojagi_version…`

/// The version of the header, major part. It changes when the ABI breaks, from 1.0 on.
pub const BOJAGI_VERSION_MAJOR: u32 = 0;
/// The version of the header, minor part. Before 1.0 it changes when the ABI breaks.
pub const BOJAGI_VERSION_MINOR: u32 = 1;
/// The version of the header, patch part.
pub const BOJAGI_VERSION_PATCH: u32 = 0;
/// The version of the header as one integer: `major << 16 | minor << 8 | patch`.
pub const BOJAGI_VERSION: u32 = 0x00_01_00;
/// A bit of `bojagi_features`: the codec is in.
pub const BOJAGI_FEATURE_CODEC: u64 = 1;
/// A bit of `bojagi_features`: sockets are in.
pub const BOJAGI_FEATURE_NET: u64 = 2;

/// The version of the library that is loaded, in the form of BOJAGI_VERSION. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_version() -> u32 {
    BOJAGI_VERSION
}

/// The version of the library as text, such as "0.1.0". Static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_version_text() -> *const core::ffi::c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
