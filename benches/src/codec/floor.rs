//! The floors: less than any parser has to do.
#![allow(unsafe_code, reason = "a vector kernel reads the slack behind a head")]

use std::hint::black_box;

use crate::corpus::Head;
use bojagi_bench::measure::{Contender, Outcome, Role};

/// A copy of the head, and a look at each of its bytes where the machine has AVX2.
pub fn heads() -> Vec<Contender<Head>> {
    let mut room = vec![0u8; 1 << 17];
    let mut all = vec![Contender::new("memcpy", Role::Limit, move |head: &Head| {
        let data = head.bytes();
        room[..data.len()].copy_from_slice(data);
        black_box(&mut room);
        Outcome { length: data.len(), count: 0 }
    })];
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
        all.push(Contender::new("avx2-scan", Role::Limit, |head: &Head| {
            // SAFETY: the machine has both, and a head has its padding.
            let count = unsafe { scan(head.bytes()) };
            Outcome { length: head.bytes().len(), count }
        }));
    }
    all
}

/// Counts the bytes below 0x20, 32 at a time.
///
/// # Safety
///
/// The machine has AVX2 and POPCNT, and 31 bytes may be read after the data.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
unsafe fn scan(data: &[u8]) -> usize {
    use std::arch::x86_64::*;
    let limit = _mm256_set1_epi8(0x1f);
    let mut count = 0;
    for at in (0..data.len()).step_by(32) {
        // SAFETY: at most 31 bytes are read behind the data.
        let window = unsafe { _mm256_loadu_si256(data.as_ptr().add(at).cast()) };
        let low = _mm256_cmpeq_epi8(_mm256_min_epu8(window, limit), window);
        let hits = _mm256_movemask_epi8(low).cast_unsigned();
        count += hits.count_ones();
    }
    count as usize
}
