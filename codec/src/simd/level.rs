//! Which kernel this machine has.

#[cfg(all(target_arch = "x86_64", feature = "detect"))]
use core::sync::atomic::{AtomicU8, Ordering};

/// A kernel. All levels of the architecture are named, whether the machine has them or not; those that need
/// instructions not all machines have are only made here, for one that has them:
///
/// ```compile_fail
/// let level = bojagi_codec::simd::Level::Avx2;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// Plain 64-bit words, on every machine.
    Swar,
    /// 16 bytes at a time with a byte shuffle.
    #[cfg(target_arch = "x86_64")]
    #[non_exhaustive]
    Ssse3,
    /// 32 bytes at a time, with the bit instructions of the same generation.
    #[cfg(target_arch = "x86_64")]
    #[non_exhaustive]
    Avx2,
    /// 16 bytes at a time; every aarch64 has it.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Level {
    /// Those that this machine has, the best one last.
    pub fn all() -> impl Iterator<Item = Self> {
        let best = Self::best();
        [
            Self::Swar,
            #[cfg(target_arch = "x86_64")]
            Self::Ssse3,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2,
            #[cfg(target_arch = "aarch64")]
            Self::Neon,
        ]
        .into_iter()
        .filter(move |level| level.rank() <= best.rank())
    }

    /// The one that is used.
    #[inline]
    #[cfg(not(all(target_arch = "x86_64", feature = "detect")))]
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if cfg!(all(target_feature = "avx2", target_feature = "bmi1", target_feature = "bmi2")) {
            return Self::Avx2;
        } else if cfg!(target_feature = "ssse3") {
            return Self::Ssse3;
        }
        #[cfg(target_arch = "aarch64")]
        if cfg!(target_feature = "neon") {
            return Self::Neon;
        }
        Self::Swar
    }

    /// The one that is used, found out at the first call.
    #[inline]
    #[cfg(all(target_arch = "x86_64", feature = "detect"))]
    pub fn best() -> Self {
        match FOUND.load(Ordering::Relaxed) {
            AVX2 => Self::Avx2,
            SSSE3 => Self::Ssse3,
            SWAR => Self::Swar,
            _ => Self::detect(),
        }
    }

    #[cold]
    #[cfg(all(target_arch = "x86_64", feature = "detect"))]
    fn detect() -> Self {
        let (level, found) = if has_avx2() {
            (Self::Avx2, AVX2)
        } else if core::arch::x86_64::__cpuid(1).ecx >> 9 & 1 != 0 {
            (Self::Ssse3, SSSE3)
        } else {
            (Self::Swar, SWAR)
        };
        FOUND.store(found, Ordering::Relaxed);
        level
    }

    fn rank(self) -> u8 {
        match self {
            Self::Swar => 0,
            #[cfg(target_arch = "x86_64")]
            Self::Ssse3 => 1,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => 2,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => 1,
        }
    }
}

/// AVX2, BMI1 and BMI2, and a system that saves the wide registers.
#[cfg(all(target_arch = "x86_64", feature = "detect"))]
fn has_avx2() -> bool {
    use core::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
    const OSXSAVE_AVX: u32 = 1 << 27 | 1 << 28;
    const BMI1_AVX2_BMI2: u32 = 1 << 3 | 1 << 5 | 1 << 8;
    const XMM_YMM: u64 = 1 << 1 | 1 << 2;
    let is_old = __cpuid(0).eax < 7 || __cpuid(1).ecx & OSXSAVE_AVX != OSXSAVE_AVX;
    if is_old || __cpuid_count(7, 0).ebx & BMI1_AVX2_BMI2 != BMI1_AVX2_BMI2 {
        return false;
    }
    // SAFETY: OSXSAVE says that the system has enabled this instruction.
    let saved = unsafe { _xgetbv(0) };
    saved & XMM_YMM == XMM_YMM
}

#[cfg(all(target_arch = "x86_64", feature = "detect"))]
static FOUND: AtomicU8 = AtomicU8::new(0);
#[cfg(all(target_arch = "x86_64", feature = "detect"))]
const SWAR: u8 = 1;
#[cfg(all(target_arch = "x86_64", feature = "detect"))]
const SSSE3: u8 = 2;
#[cfg(all(target_arch = "x86_64", feature = "detect"))]
const AVX2: u8 = 3;

#[cfg(all(test, target_arch = "aarch64"))]
mod tests {
    use super::*;

    #[test]
    fn every_aarch64_is_tested_with_neon() {
        assert_eq!(Level::best(), Level::Neon);
        assert!(Level::all().any(|level| level == Level::Neon));
    }
}
