//! Heads of four GiB, where the offsets end: the same few pages of memory over and over again.

use std::ffi::c_int;
use std::ptr;

use bojagi_codec::fault::*;
use bojagi_codec::simd::Level;
use bojagi_codec::{Error, Rules};

use super::told::{Case, Reader};

/// Bytes `a`, as many as asked for, most of which are the same memory; what is written to them stays apart.
struct Repeated {
    base: *mut u8,
    len: usize,
}

const STEP: usize = 1 << 24;

impl Repeated {
    fn new(len: usize) -> Self {
        let len = len.next_multiple_of(STEP);
        let map = |at: *mut libc::c_void, len: usize, flags: c_int, file: c_int| {
            let access = libc::PROT_READ | libc::PROT_WRITE;
            // SAFETY: new memory, or memory in the place of what was mapped by this function.
            let got = unsafe { libc::mmap(at, len, access, flags | libc::MAP_NORESERVE, file, 0) };
            assert_ne!(got, libc::MAP_FAILED);
            got.cast::<u8>()
        };
        // SAFETY: a file in memory, which the mappings keep.
        unsafe {
            let file = libc::memfd_create(c"repeated".as_ptr(), 0);
            let text = vec![b'a'; STEP];
            assert_eq!(libc::write(file, text.as_ptr().cast(), STEP), STEP as isize);
            let base = map(ptr::null_mut(), len, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1);
            for at in (0..len).step_by(STEP) {
                map(base.add(at).cast(), STEP, libc::MAP_PRIVATE | libc::MAP_FIXED, file);
            }
            libc::close(file);
            Self { base, len }
        }
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: so much is mapped, and ours alone.
        unsafe { std::slice::from_raw_parts_mut(self.base, self.len) }
    }
}

impl Drop for Repeated {
    fn drop(&mut self) {
        // SAFETY: it is what was mapped.
        unsafe { libc::munmap(self.base.cast(), self.len) };
    }
}

/// A head is as long as the highest offset, and no longer; whether its target is so long or a value.
#[test]
#[ignore = "looks at 500 GiB: cargo test --release -p bojagi-codec --test kernels -- --ignored"]
fn a_head_ends_where_the_offsets_do() {
    let most = u32::MAX as usize;
    let rules = Rules { start_line_max: u32::MAX, field_bytes_max: u32::MAX, ..Rules::STRICT };
    let behind_target = b" HTTP/1.1\r\nHost: h\r\n\r\n";
    let heads: [(&[u8], &[u8]); 3] = [
        (b"GET /", behind_target),
        (b"GET / HTTP/1.1\r\nHost: h\r\nA: ", b"\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nA: ", b"\r\nB: c\r\n\r\n"),
    ];
    for (front, behind) in heads {
        // From a head that just fits to one whose last parts all begin behind the end.
        for len in most - 1..=most + behind.len() + 2 {
            let mut memory = Repeated::new(len + 64);
            let data = memory.bytes();
            data[..front.len()].copy_from_slice(front);
            data[len - behind.len()..len].copy_from_slice(behind);
            for level in [Level::best(), Level::Swar] {
                let told = Reader::new(Case::request(&rules), 4).look(level, &data[..len], len);
                if len <= most {
                    assert_eq!((told.answer, told.length), (Ok(len), len as u32));
                    continue;
                }
                let line_fits = front.len() > 5 || len - behind.len() + 11 <= most;
                let reason = match line_fits {
                    true => BOJAGI_REASON_FIELD_BYTES_LIMIT,
                    false => BOJAGI_REASON_START_LINE_LIMIT,
                };
                let fault = (told.answer, told.fault.reason, told.fault.offset);
                assert_eq!(fault, (Err(Error::Limit), reason, u32::MAX), "{level:?} {len}");
            }
        }
    }
}
