//! `bojagi_abort`: where a panic would end, if there were one.
//!
//! The codec has none: an optimized build leaves none of its checks in, and `tests/bare.sh` sees to it
//! that nothing of this file is in the image. Rust wants a handler nevertheless, and a build without
//! optimization (`cargo build` without `--release`) keeps checks that cannot fail, and with them this.

use core::panic::PanicInfo;

unsafe extern "C" {
    /// The hook of the firmware for a defect of the library: what a panic ends in, in place of BOJAGI_E_PANIC.
    ///
    /// Define it to reset the machine, or to stop it with a sign. It may be left out: then, and where it
    /// returns, the processor stays in an endless loop. It is called by builds without optimization at most;
    /// the image of an optimized build has no panic, and no need of it.
    pub fn bojagi_abort();
}

// Weak, so that a definition of the firmware goes before it.
core::arch::global_asm!(".weak bojagi_abort", ".set bojagi_abort, {stay}", stay = sym stay);

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: a C function without arguments: the firmware's, or `stay`.
    unsafe { bojagi_abort() };
    stay()
}

extern "C" fn stay() -> ! {
    loop {
        core::hint::spin_loop();
    }
}
