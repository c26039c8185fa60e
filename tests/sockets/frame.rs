//! Frames, encoded and decoded as a naive reader does; and what the tests of frames share.

use crate::handle::*;
use bojagi::buffer::Buffer;
use bojagi::capi::buffer::bojagi_buffer_init;
use bojagi::capi::frame::*;
use std::ptr::{null, null_mut};

pub struct Reader {
    pub buffer: Buffer,
    pub memory: Vec<u8>,
}

// The memory is its own.
unsafe impl Send for Reader {}

impl Reader {
    pub fn new(cap: usize) -> Self {
        let mut memory = vec![0; cap];
        let mut buffer = Buffer::new(null_mut(), 0);
        unsafe { bojagi_buffer_init(&mut buffer, memory.as_mut_ptr().cast(), cap) };
        Self { buffer, memory }
    }

    /// More memory, as the header says that a caller may give.
    pub fn grow(&mut self, cap: usize) {
        self.memory.resize(cap, 0);
        (self.buffer.data, self.buffer.cap) = (self.memory.as_mut_ptr(), cap);
    }

    pub fn recv(
        &mut self,
        socket: &Socket,
        format: &FrameFormat,
        timeout_ms: i64,
    ) -> Result<Vec<u8>, i64> {
        let len =
            unsafe { bojagi_socket_recv_frame(socket.0, &mut self.buffer, format, timeout_ms) };
        self.payload(len)
    }

    pub fn recv_until(
        &mut self,
        socket: &Socket,
        delimiter: &[u8],
        timeout_ms: i64,
    ) -> Result<Vec<u8>, i64> {
        let (at, len) = (delimiter.as_ptr().cast(), delimiter.len());
        let len =
            unsafe { bojagi_socket_recv_until(socket.0, &mut self.buffer, at, len, timeout_ms) };
        self.payload(len)
    }

    pub fn payload(&self, len: i64) -> Result<Vec<u8>, i64> {
        let len = usize::try_from(len).map_err(|_| len)?;
        let payload =
            unsafe { std::slice::from_raw_parts(self.buffer.data.add(self.buffer.body), len) };
        Ok(payload.to_vec())
    }
}

pub fn format(kind: u32) -> FrameFormat {
    let mut format = unsafe { std::mem::zeroed() };
    unsafe { bojagi_frame_format_init(&mut format, kind) };
    format
}

pub fn delimited(delimiter: &[u8]) -> FrameFormat {
    let mut format = format(BOJAGI_FRAME_DELIMITED);
    format.delimiter_len = u32::try_from(delimiter.len()).unwrap();
    format.delimiter[..delimiter.len()].copy_from_slice(delimiter);
    format
}

pub fn limited(format: FrameFormat, limit: u64) -> FrameFormat {
    FrameFormat { limit, ..format }
}

pub fn formats() -> Vec<FrameFormat> {
    let lengths = [BOJAGI_FRAME_U8, BOJAGI_FRAME_U16, BOJAGI_FRAME_U32, BOJAGI_FRAME_U64];
    let mut all: Vec<_> = lengths.map(format).to_vec();
    all.extend(
        lengths.map(|kind| FrameFormat { flags: BOJAGI_FRAME_LITTLE_ENDIAN, ..format(kind) }),
    );
    all.extend([format(BOJAGI_FRAME_VARINT), format(BOJAGI_FRAME_DELIMITED)]);
    all.extend([&b"\r\n"[..], b"aab", b"----------------"].map(delimited));
    all
}

/// A frame, written naively.
pub fn written(format: &FrameFormat, payload: &[u8]) -> Vec<u8> {
    let len = payload.len();
    let is_little = format.flags & BOJAGI_FRAME_LITTLE_ENDIAN != 0;
    let width = match format.kind {
        BOJAGI_FRAME_VARINT => {
            let (mut prefix, mut left) = (vec![], len);
            while left >= 128 {
                prefix.push(u8::try_from(left % 128 + 128).unwrap());
                left /= 128;
            }
            prefix.push(u8::try_from(left).unwrap());
            return [&prefix, payload].concat();
        }
        BOJAGI_FRAME_DELIMITED => {
            let delimiter = &format.delimiter[..usize::try_from(format.delimiter_len).unwrap()];
            return [payload, delimiter].concat();
        }
        kind => 1 << (kind - 1),
    };
    let mut prefix: Vec<u8> = (0..width)
        .map(|at| u8::try_from(len.checked_shr(8 * at).unwrap_or(0) & 255).unwrap())
        .collect();
    if !is_little {
        prefix.reverse();
    }
    [&prefix, payload].concat()
}

pub fn decode(format: &FrameFormat, data: &[u8], frame: &mut Frame) -> i64 {
    unsafe { bojagi_frame_decode(format, data.as_ptr().cast(), data.len(), frame) }
}

pub const NEW: Frame = Frame { off: 0, len: 0, searched: 0 };

/// Payloads of all sizes around the edges of the prefixes; none holds a delimiter.
pub fn payloads(format: &FrameFormat) -> Vec<Vec<u8>> {
    let sizes = [0, 1, 2, 3, 127, 128, 255, 256, 300, 16_383, 16_384, 65_535, 65_536, 70_000];
    let most = match format.kind {
        BOJAGI_FRAME_U8 => 255,
        BOJAGI_FRAME_U16 => 65_535,
        _ => usize::MAX,
    };
    // Ends in none of a delimiter's bytes: what is put behind could not be told from it.
    let byte = |at, size| if at + 1 == size { b'.' } else { b"ab\rc--da"[at * 7 % 8] };
    let shape = |size| (0..size).map(|at| byte(at, size)).collect();
    sizes.into_iter().filter(|&size| size <= most).map(shape).collect()
}

pub fn send(
    socket: &Socket,
    format: &FrameFormat,
    data: &[u8],
    timeout_ms: i64,
    done: &mut usize,
) -> i64 {
    let at = data.as_ptr().cast();
    unsafe { bojagi_socket_send_frame(socket.0, format, at, data.len(), timeout_ms, done) }
}

#[test]
fn frames_are_encoded_and_decoded_as_written_naively_for_every_cut() {
    for format in formats() {
        for payload in payloads(&format) {
            let whole = written(&format, &payload);
            let mut prefix = [0xee; 16];
            let len = payload.len();
            let size = unsafe { bojagi_frame_encode(null_mut(), 0, &format, len) };
            let size = usize::try_from(size).unwrap();
            for cap in 0..=16 {
                let at = prefix.as_mut_ptr().cast();
                let written = unsafe { bojagi_frame_encode(at, cap, &format, len) };
                let expected =
                    if cap < size { BOJAGI_E_SPACE } else { i64::try_from(size).unwrap() };
                assert_eq!(written, expected);
            }
            assert!(
                prefix[..size] == whole[..size] && prefix[size..].iter().all(|&byte| byte == 0xee)
            );
            let data = [&whole[..], b"more"].concat();
            let cuts: Vec<usize> = match whole.len() {
                0..=1000 => (0..whole.len()).collect(),
                all => (0..20).chain(all - 20..all).collect(),
            };
            let mut kept = NEW;
            for &cut in &cuts {
                assert_eq!(decode(&format, &data[..cut], &mut { NEW }), 0);
                assert_eq!(decode(&format, &data[..cut], &mut kept), 0);
            }
            for mut frame in [NEW, kept] {
                assert_eq!(decode(&format, &data, &mut frame), i64::try_from(whole.len()).unwrap());
                assert!(frame.len == len && data[frame.off..frame.off + len] == payload);
                assert_eq!(frame.searched, 0);
            }
        }
    }
}

#[test]
fn limit_is_fine_and_limit_plus_one_is_refused_from_the_prefix_alone() {
    for format in formats() {
        for limit in [1, 100, 200] {
            let format = limited(format, limit);
            let limit = usize::try_from(limit).unwrap();
            let (fits, over) = (vec![b'x'; limit], vec![b'x'; limit + 1]);
            let whole = written(&format, &fits);
            assert_eq!(decode(&format, &whole, &mut { NEW }), i64::try_from(whole.len()).unwrap());
            assert!(unsafe { bojagi_frame_encode(null_mut(), 0, &format, limit) } >= 0);
            let encoded = unsafe { bojagi_frame_encode(null_mut(), 0, &format, limit + 1) };
            assert_eq!(encoded, BOJAGI_E_LIMIT);
            let whole = written(&format, &over);
            // Of a delimited frame, as many bytes as the longest frame has must be there.
            let least = match format.kind {
                BOJAGI_FRAME_DELIMITED => whole.len() - 1,
                _ => whole.len() - over.len(),
            };
            for cut in 0..=whole.len() {
                let expected = if cut < least { 0 } else { BOJAGI_E_LIMIT };
                assert_eq!(decode(&format, &whole[..cut], &mut { NEW }), expected, "{cut}");
            }
        }
    }
    for (kind, len) in
        [(BOJAGI_FRAME_U8, 256), (BOJAGI_FRAME_U16, 65_536), (BOJAGI_FRAME_U32, 1 << 32)]
    {
        let encode = |len| unsafe { bojagi_frame_encode(null_mut(), 0, &format(kind), len) };
        assert_eq!((encode(len - 1) > 0, encode(len)), (true, BOJAGI_E_LIMIT));
    }
}

#[test]
fn malformed_varints_and_formats_are_refused() {
    let varint = format(BOJAGI_FRAME_VARINT);
    for data in [&b"\x80\x00"[..], b"\xff\x80\x00", &[0xff; 10], &[0x80; 10], &[0xff; 100]] {
        assert_eq!(decode(&varint, data, &mut { NEW }), BOJAGI_E_SYNTAX);
    }
    assert_eq!(
        decode(&varint, &[&[0xff; 9][..], &[1]].concat(), &mut { NEW }),
        0,
        "2^64 - 1 bytes"
    );
    let good = format(BOJAGI_FRAME_U16);
    let wrong = [
        format(0),
        format(7),
        format(u32::MAX),
        FrameFormat { flags: 2, ..good },
        FrameFormat { flags: BOJAGI_FRAME_LITTLE_ENDIAN, ..varint },
        FrameFormat { flags: BOJAGI_FRAME_LITTLE_ENDIAN, ..delimited(b"x") },
        FrameFormat { delimiter_len: 0, ..delimited(b"x") },
        FrameFormat { delimiter_len: 17, ..delimited(b"x") },
        FrameFormat { size: good.size - 1, ..good },
    ];
    let (client, _server) = tcp_pair(PLAIN);
    let mut reader = Reader::new(64);
    for format in &wrong {
        assert_eq!(decode(format, b"", &mut { NEW }), BOJAGI_E_ARG);
        assert_eq!(unsafe { bojagi_frame_encode(null_mut(), 0, format, 1) }, BOJAGI_E_ARG);
        assert_eq!(send(&client, format, b"x", 0, &mut 0), BOJAGI_E_ARG);
        assert_eq!(reader.recv(&client, format, 0), Err(BOJAGI_E_ARG));
    }
    let (at, frame) = (reader.memory.as_mut_ptr().cast(), &mut { NEW });
    let codes = unsafe {
        [
            bojagi_frame_encode(at, 64, null(), 1),
            bojagi_frame_encode(null_mut(), 64, &good, 1),
            bojagi_frame_decode(null(), at, 1, frame),
            bojagi_frame_decode(&good, null(), 1, frame),
            bojagi_frame_decode(&good, at, 1, null_mut()),
            bojagi_socket_send_frame(null_mut(), &good, at, 1, 0, null_mut()),
            bojagi_socket_send_frame(client.0, null(), at, 1, 0, null_mut()),
            bojagi_socket_send_frame(client.0, &good, null(), 1, 0, null_mut()),
            bojagi_socket_send_frame(client.0, &good, at, 1, -2, null_mut()),
            bojagi_socket_recv_frame(null_mut(), &mut reader.buffer, &good, 0),
            bojagi_socket_recv_frame(client.0, null_mut(), &good, 0),
            bojagi_socket_recv_frame(client.0, &mut reader.buffer, null(), 0),
            bojagi_socket_recv_frame(client.0, &mut reader.buffer, &good, -2),
            bojagi_socket_recv_until(client.0, &mut reader.buffer, at, 0, 0),
            bojagi_socket_recv_until(client.0, &mut reader.buffer, null(), 1, 0),
        ]
    };
    assert_eq!(codes, [BOJAGI_E_ARG; 15]);
    unsafe { bojagi_frame_format_init(null_mut(), 1) };
}
