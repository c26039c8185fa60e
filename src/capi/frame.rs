//! Frames: messages of a protocol of the caller's own over any stream.

use super::buffer::{explain, receiver};
use super::guard::{count, guard};
use super::ptr;
use super::socket::{self, Socket};
use crate::buffer::Buffer;
use crate::deadline::Timeout;
use crate::error::{Cause, Error, Stage};
use crate::net::frame::{Format, Found, Mark};
use std::ffi::c_void;

/// A kind of frame: one byte of length, then the payload.
pub const BOJAGI_FRAME_U8: u32 = 1;
/// A kind of frame: two bytes of length, the most significant first, then the payload.
pub const BOJAGI_FRAME_U16: u32 = 2;
/// A kind of frame: four bytes of length, the most significant first, then the payload.
pub const BOJAGI_FRAME_U32: u32 = 3;
/// A kind of frame: eight bytes of length, the most significant first, then the payload.
pub const BOJAGI_FRAME_U64: u32 = 4;
/// A kind of frame: a length of seven bits a byte, the least significant first, in the fewest bytes, at most
/// 10 (LEB128, as Protocol Buffers have it), then the payload.
pub const BOJAGI_FRAME_VARINT: u32 = 5;
/// A kind of frame: the payload, then a delimiter, which no payload may hold.
pub const BOJAGI_FRAME_DELIMITED: u32 = 6;

/// A flag of a frame format, for BOJAGI_FRAME_U16 to _U64: the least significant byte of the length comes first.
pub const BOJAGI_FRAME_LITTLE_ENDIAN: u32 = 1;

/// How frames are marked off on a stream. Begin with `bojagi_frame_format_init`. The caller owns it, and it needs
/// no free.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FrameFormat {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// One of BOJAGI_FRAME_U8 to _DELIMITED.
    pub kind: u32,
    /// The length of the longest payload; 0, the default: what the length or the buffer can hold.
    pub limit: u64,
    /// A sum of flags: BOJAGI_FRAME_LITTLE_ENDIAN.
    pub flags: u32,
    /// BOJAGI_FRAME_DELIMITED: the length of the delimiter, 1 to 16.
    pub delimiter_len: u32,
    /// BOJAGI_FRAME_DELIMITED: the delimiter; a line feed by default.
    pub delimiter: [u8; 16],
}

/// The places of a frame. Set it to zeroes before `bojagi_frame_decode` looks at a new one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Frame {
    /// The first byte of the payload.
    pub off: usize,
    /// The length of the payload, which may be 0.
    pub len: usize,
    /// While the frame is incomplete: how far the delimiter was looked for, so that no byte is looked at twice.
    pub searched: usize,
}

/// Sets the kind, no limit, no flags, and a line feed as delimiter. `format` NULL does nothing; a kind that there
/// is not is found out by the functions that use the format.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_frame_format_init(format: *mut FrameFormat, kind: u32) {
    let size = u32::try_from(size_of::<FrameFormat>()).unwrap_or(0);
    let mut delimiter = [0; 16];
    if let Some(first) = delimiter.first_mut() {
        *first = b'\n';
    }
    let defaults = FrameFormat { size, kind, limit: 0, flags: 0, delimiter_len: 1, delimiter };
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(format, defaults) }
}

/// Writes what stands before a payload of `len` bytes, for those who carry frames over something that is no
/// socket of ours.
///
/// Returns the bytes written, at most 10; 0 for BOJAGI_FRAME_DELIMITED, whose delimiter is the caller's to put behind
/// the payload. `(NULL, 0)` gives the size needed. Errors: BOJAGI_E_SPACE; BOJAGI_E_LIMIT when `len` is above the
/// limit, or more than the prefix can say; BOJAGI_E_ARG.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_frame_encode(
    out: *mut c_void,
    cap: usize,
    format: *const FrameFormat,
    len: usize,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (room, format) = unsafe { (ptr::bytes_mut(out.cast(), cap)?, read(format)?) };
        let prefix = format.format().prefix(len)?;
        let bytes = prefix.bytes();
        if cap > 0 || !out.is_null() {
            let Some(room) = room.get_mut(..bytes.len()) else {
                return Err(Cause::FrameSpace { len: wide(bytes.len()), cap }.into());
            };
            room.copy_from_slice(bytes);
        }
        Ok(count(bytes.len()))
    })
}

/// Looks for one frame at the beginning of `data`, which may come from anywhere.
///
/// Returns the length of the whole frame, and the place of its payload in `*frame`; or 0 when it is incomplete: call
/// again with the same bytes plus more, and the same `*frame`, which then remembers how far it has searched. Set
/// `*frame` to zeroes before each new one.
///
/// Errors: BOJAGI_E_LIMIT as soon as the payload must be longer than the limit, for which the prefix is enough;
/// BOJAGI_E_SYNTAX for a varint that is longer than it need be or than 64 bits; BOJAGI_E_ARG. There is no way on from
/// either of the first two: close the connection.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_frame_decode(
    format: *const FrameFormat,
    data: *const c_void,
    len: usize,
    frame: *mut Frame,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (format, data) = unsafe { (read(format)?, ptr::bytes(data, len)?) };
        // SAFETY: as above.
        let frame = unsafe { ptr::object_mut(frame, "frame") }?;
        match format.format().decode(data, frame.searched) {
            Err(cause) => Err(Error::new(Stage::Decode, cause)),
            Ok(Found::Part { searched, .. }) => {
                frame.searched = searched;
                Ok(0)
            }
            Ok(Found::Whole(found)) => {
                *frame = Frame { off: found.off, len: found.len, searched: 0 };
                Ok(count(found.total))
            }
        }
    })
}

/// Sends one frame: prefix, the payload of `len` bytes, delimiter, in one system call (sendmsg(2)), more only when
/// the system takes less than it is given.
///
/// `*done` goes in and comes out as the number of bytes of this frame, prefix and delimiter included, that were
/// sent: set it to 0 before the first frame. After success it is 0 again. After a failure that can be waited out,
/// such as BOJAGI_E_TIMEOUT, call again with the same arguments, and the rest is sent. Without it (NULL) a frame that
/// was sent in part cannot be finished, and nothing else can follow it: end the connection.
///
/// Returns `len`. Errors: BOJAGI_E_LIMIT when `len` is above the limit, or more than the prefix can say;
/// BOJAGI_E_ARG also when the payload holds the delimiter (or would together with it), and when `*done` is more than
/// the frame has; BOJAGI_E_UNSUPPORTED on a datagram socket; else as `bojagi_socket_send`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_send_frame(
    socket: *mut Socket,
    format: *const FrameFormat,
    data: *const c_void,
    len: usize,
    timeout_ms: i64,
    done: *mut usize,
) -> i64 {
    let mut sent = 0;
    let result = guard(|| {
        if !done.is_null() {
            // SAFETY: from C, under the contract of the header.
            sent = *unsafe { ptr::object(done.cast_const(), "done") }?;
        }
        // SAFETY: as above.
        let (socket, format) = unsafe { (socket::object(socket)?, read(format)?) };
        // SAFETY: as above.
        let data = unsafe { ptr::bytes(data, len) }?;
        let timeout = Timeout::from_millis(timeout_ms)?;
        socket.send_frame(&format.format(), data, timeout, &mut sent)?;
        sent = 0;
        Ok(count(len))
    });
    // SAFETY: as above.
    unsafe { ptr::write_optional(done, sent) };
    result
}

/// Receives until one frame is in the buffer.
///
/// Returns the length of its payload, which stands at `buffer->data + buffer->body` until the next call with this
/// buffer, and may be 0. What was received beyond it stays in the buffer: frames that came together cost one system
/// call together. Use the same format until a frame is complete. The buffer may have served HTTP before, if the last
/// message was received to its end, or became a tunnel. After BOJAGI_E_TIMEOUT, _AGAIN, _INTERRUPTED or _CANCELLED
/// nothing is lost: call again.
///
/// Errors: BOJAGI_E_CLOSED when the peer closed and no frame had begun: the clean end; BOJAGI_E_TRUNCATED when it closed
/// inside one, whose bytes stand from `buffer->start` to `buffer->end`; BOJAGI_E_LIMIT and BOJAGI_E_SYNTAX as
/// `bojagi_frame_decode`; BOJAGI_E_SPACE when the frame does not fit in the buffer: `bojagi_error.offset` is the size it
/// needs if its prefix tells that, and the call may be made again once `buffer->data` and `buffer->cap` are of a
/// larger memory that begins with the same bytes; BOJAGI_E_STATE inside an HTTP message; BOJAGI_E_UNSUPPORTED on
/// a datagram socket; else as `bojagi_socket_recv`.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_frame(
    socket: *mut Socket,
    buffer: *mut Buffer,
    format: *const FrameFormat,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let (format, timeout) = (unsafe { read(format) }?, Timeout::from_millis(timeout_ms)?);
        // SAFETY: as above.
        unsafe { receive(socket, buffer, &format.format(), timeout) }
    })
}

/// Receives until a delimiter of `len` bytes has come: one frame of BOJAGI_FRAME_DELIMITED, whose delimiter may be of
/// any length and another each time.
///
/// Returns the number of bytes before the delimiter, which stand at `buffer->data + buffer->body`; else as
/// `bojagi_socket_recv_frame`. Errors: BOJAGI_E_ARG also for `len` 0.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_socket_recv_until(
    socket: *mut Socket,
    buffer: *mut Buffer,
    delimiter: *const c_void,
    len: usize,
    timeout_ms: i64,
) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let delimiter = unsafe { ptr::bytes(delimiter, len) }?;
        if delimiter.is_empty() {
            return Err(Error::argument("the delimiter is empty; pass at least one byte"));
        }
        let format = Format { mark: Mark::Delimiter(delimiter), limit: u64::MAX };
        // SAFETY: as above.
        unsafe { receive(socket, buffer, &format, Timeout::from_millis(timeout_ms)?) }
    })
}

unsafe fn receive(
    socket: *mut Socket,
    buffer: *mut Buffer,
    format: &Format<'_>,
    timeout: Timeout,
) -> Result<i64, Error> {
    // SAFETY: from C, under the contract of the header.
    let (socket, buffer) = unsafe { (socket::object(socket)?, ptr::object_mut(buffer, "buffer")?) };
    // SAFETY: `buffer` says what memory it is over.
    let memory = unsafe { ptr::bytes_mut(buffer.data, buffer.cap) }?;
    if !socket.is_stream() {
        let what = "frames need a stream; a datagram is one by itself";
        return Err(socket.error(Stage::Recv, Error::unsupported(what)));
    }
    // A frame may be in the buffer already, and then nothing else would look at the cancel.
    socket.check_cancel()?;
    match buffer.recv_frame(memory, format, receiver(socket, timeout)) {
        Ok(Some(len)) => Ok(count(len)),
        Ok(None) => Err(socket.error(Stage::Recv, Cause::FramesEnded.into())),
        Err(failure) => Err(explain(socket, buffer, failure)),
    }
}

/// A format that was checked, and the memory of its delimiter.
struct Checked {
    format: FrameFormat,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Length(usize),
    Varint,
    Delimited(usize),
}

impl Checked {
    fn format(&self) -> Format<'_> {
        let is_little = self.format.flags & BOJAGI_FRAME_LITTLE_ENDIAN != 0;
        let mark = match self.kind {
            Kind::Length(width) => Mark::Length { width, is_little },
            Kind::Varint => Mark::Varint,
            Kind::Delimited(len) => {
                Mark::Delimiter(self.format.delimiter.get(..len).unwrap_or(b"\n"))
            }
        };
        let limit = if self.format.limit == 0 { u64::MAX } else { self.format.limit };
        Format { mark, limit }
    }
}

unsafe fn read(format: *const FrameFormat) -> Result<Checked, Error> {
    // SAFETY: from C, under the contract of the header.
    let format = unsafe { ptr::sized(format, "bojagi_frame_format_init") }?
        .ok_or_else(|| Error::argument("format is NULL; pass a pointer"))?;
    let kind = match format.kind {
        BOJAGI_FRAME_U8 => Kind::Length(1),
        BOJAGI_FRAME_U16 => Kind::Length(2),
        BOJAGI_FRAME_U32 => Kind::Length(4),
        BOJAGI_FRAME_U64 => Kind::Length(8),
        BOJAGI_FRAME_VARINT => Kind::Varint,
        BOJAGI_FRAME_DELIMITED => match usize::try_from(format.delimiter_len) {
            Ok(len @ 1..=16) => Kind::Delimited(len),
            _ => return Err(Error::argument("delimiter_len is not in 1 to 16; mend the format")),
        },
        _ => return Err(Error::argument("the kind of frame is unknown; pass a BOJAGI_FRAME_")),
    };
    match (format.flags, kind) {
        (0, _) | (BOJAGI_FRAME_LITTLE_ENDIAN, Kind::Length(_)) => Ok(Checked { format, kind }),
        _ => Err(Error::argument("a flag does not fit the kind of frame; clear it")),
    }
}

fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
