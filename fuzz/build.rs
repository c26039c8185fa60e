//! Compiles llhttp, which `llhttp.sh` fetches, when the feature of that name is asked for.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=c/llhttp.c");
    if env::var_os("CARGO_FEATURE_LLHTTP").is_none() {
        return;
    }
    let llhttp = Path::new("../target/fuzz/llhttp");
    assert!(llhttp.is_dir(), "llhttp is not there: run fuzz/llhttp.sh");
    cc::Build::new()
        .include(llhttp.join("include"))
        .files(["api.c", "http.c", "llhttp.c"].map(|name| llhttp.join("src").join(name)))
        .warnings(false)
        .opt_level(3)
        .compile("llhttp");
    cc::Build::new()
        .include(llhttp.join("include"))
        .file("c/llhttp.c")
        .std("c99")
        .flags(["-pedantic", "-Wall", "-Wextra", "-Werror"])
        .opt_level(3)
        .compile("bojagi_llhttp");
}
