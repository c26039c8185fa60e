//! Names the shared library.

use std::env;

/// Until 1.0 a minor version may break the ABI, so it is part of the soname. A resolver thread may
/// outlive the host's `dlclose`, so the library stays mapped (`nodelete`).
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let [major, minor] = ["MAJOR", "MINOR"]
        .map(|part| env::var(format!("CARGO_PKG_VERSION_{part}")).expect("cargo sets it"));
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libbojagi.so.{major}.{minor}");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
