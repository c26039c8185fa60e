//! Pointers from C, turned into references, slices and boxes. Every dereference of levels 1 and 3
//! is here.
//!
//! What can be checked is checked: NULL, alignment, and lengths that no object can have. The rest is
//! the contract of the header: a pointer is valid for the length that comes with it, for the call,
//! and a handle comes from us and was not freed.

use crate::error::Error;
use crate::net::sys::vector::IoVec;
use crate::net::vector::Extent;
use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::slice;

/// A handle, or a struct that the caller has filled.
#[inline]
pub(super) unsafe fn object<'a, T>(pointer: *const T, name: &str) -> Result<&'a T, Error> {
    check(pointer, name)?;
    // SAFETY: not NULL, aligned, and the caller's word for the rest (see the module).
    Ok(unsafe { &*pointer })
}

/// A struct that the caller has filled, to change.
pub(super) unsafe fn object_mut<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T, Error> {
    check(pointer, name)?;
    // SAFETY: not NULL, aligned, and the caller's alone for the call by its word (see the module).
    Ok(unsafe { &mut *pointer })
}

/// A handle, or nothing where there can be none: without the error of `object`, whose making is not for
/// signal handlers.
pub(super) unsafe fn handle<'a, T>(pointer: *const T) -> Option<&'a T> {
    // SAFETY: aligned, and NULL or a live handle by the caller's word (see the module).
    if pointer.is_aligned() { unsafe { pointer.as_ref() } } else { None }
}

/// A handle that may be NULL.
pub(super) unsafe fn optional<'a, T>(
    pointer: *const T,
    name: &str,
) -> Result<Option<&'a T>, Error> {
    check_optional(pointer, name)?;
    // SAFETY: aligned, and NULL or a live handle by the caller's word (see the module).
    Ok(unsafe { pointer.as_ref() })
}

/// Writes a result through the pointer that C passed for it. `check` it before the work is done.
pub(super) unsafe fn write<T>(pointer: *mut T, value: T) {
    // SAFETY: `check` has seen that it is neither NULL nor misaligned; it is the caller's to write.
    unsafe { pointer.write(value) }
}

/// Writes a result where the caller wants it at all. `check_optional` it before the work is done.
pub(super) unsafe fn write_optional<T>(pointer: *mut T, value: T) {
    if !pointer.is_null() && pointer.is_aligned() {
        // SAFETY: neither NULL nor misaligned; it is the caller's to write.
        unsafe { pointer.write(value) }
    }
}

/// Gives a new handle to C.
pub(super) unsafe fn give<T>(pointer: *mut *mut T, value: T) {
    // SAFETY: as for `write`, which see.
    unsafe { write(pointer, Box::into_raw(Box::new(value))) }
}

/// Takes a handle back from C, and drops it. NULL does nothing.
pub(super) unsafe fn free<T>(pointer: *mut T) {
    if !pointer.is_null() {
        // SAFETY: the pointer comes from `give`, and by the caller's word nobody uses it any more.
        drop(unsafe { Box::from_raw(pointer) });
    }
}

/// Bytes to read; `(NULL, 0)` is the empty input.
pub(super) unsafe fn bytes<'a>(data: *const c_void, len: usize) -> Result<&'a [u8], Error> {
    if data.is_null() && len == 0 {
        return Ok(&[]);
    }
    let data = data.cast::<u8>();
    check_array(data, len, "data")?;
    // SAFETY: not NULL, no longer than an object can be, readable for the call by the caller's word.
    Ok(unsafe { slice::from_raw_parts(data, len) })
}

/// Room to write to, whose old contents do not matter; `(NULL, 0)` is no room.
pub(super) unsafe fn room<'a, T>(
    buf: *mut T,
    cap: usize,
    name: &str,
) -> Result<&'a mut [MaybeUninit<T>], Error> {
    if buf.is_null() && cap == 0 {
        return Ok(&mut []);
    }
    check_array(buf, cap, name)?;
    // SAFETY: not NULL, aligned, no longer than an object can be, and by the caller's word its alone
    // for the call. MaybeUninit asks nothing of the old contents.
    Ok(unsafe { slice::from_raw_parts_mut(buf.cast(), cap) })
}

/// An array that the caller has filled; `(NULL, 0)` is empty.
pub(super) unsafe fn array<'a, T>(
    pointer: *const T,
    count: usize,
    name: &str,
) -> Result<&'a [T], Error> {
    if pointer.is_null() && count == 0 {
        return Ok(&[]);
    }
    check_array(pointer, count, name)?;
    // SAFETY: not NULL, aligned, no longer than an object can be, and the caller's word for the rest.
    Ok(unsafe { slice::from_raw_parts(pointer, count) })
}

/// An array that the caller has filled, to change; `(NULL, 0)` is empty.
pub(super) unsafe fn array_mut<'a, T>(
    pointer: *mut T,
    count: usize,
    name: &str,
) -> Result<&'a mut [T], Error> {
    if pointer.is_null() && count == 0 {
        return Ok(&mut []);
    }
    check_array(pointer, count, name)?;
    // SAFETY: as above, and by the caller's word its alone for the call.
    Ok(unsafe { slice::from_raw_parts_mut(pointer, count) })
}

/// Bytes to read and to overwrite; `(NULL, 0)` is none.
pub(super) unsafe fn bytes_mut<'a>(data: *mut u8, len: usize) -> Result<&'a mut [u8], Error> {
    if data.is_null() && len == 0 {
        return Ok(&mut []);
    }
    check_array(data, len, "data")?;
    // SAFETY: not NULL, no longer than an object can be, and by the caller's word its alone for the
    // call.
    Ok(unsafe { slice::from_raw_parts_mut(data, len) })
}

/// Pieces of memory, and how many bytes they have together; `(NULL, 0)` is none.
pub(super) unsafe fn pieces<'a>(
    pieces: *const IoVec,
    count: usize,
) -> Result<(&'a [IoVec], Extent), Error> {
    if pieces.is_null() && count == 0 {
        return Ok((&[], Extent { count, len: 0 }));
    }
    check_array(pieces, count, "pieces")?;
    // SAFETY: not NULL, aligned, no longer than an object can be, readable by the caller's word.
    let list = unsafe { slice::from_raw_parts(pieces, count) };
    let mut len = 0usize;
    for piece in list {
        if piece.data.is_null() && piece.len > 0 {
            return Err(Error::argument("a piece is NULL and has a length; pass a pointer"));
        }
        len = len.saturating_add(piece.len);
    }
    if isize::try_from(len).is_err() {
        return Err(Error::argument(
            "the pieces are longer than memory can be; check their lengths",
        ));
    }
    Ok((list, Extent { count, len }))
}

/// Bytes as room for a socket to receive into.
pub(super) fn as_room(bytes: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: the same bytes under a weaker type; a socket only ever writes what it has received, so
    // they stay initialized.
    unsafe { slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) }
}

/// Bytes that end in NUL, without it.
pub(super) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a [u8], Error> {
    check(text, name)?;
    // SAFETY: not NULL, and by the caller's word a string that ends in NUL.
    Ok(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// A string that may be NULL.
pub(super) unsafe fn optional_text<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: not NULL, and by the caller's word a string that ends in NUL.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}

/// A struct that begins with its size and may be larger than the one that we know.
pub(super) unsafe fn sized<T: Copy>(pointer: *const T, init: &str) -> Result<Option<T>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the contents are checked there.
    unsafe { check_size(pointer, init)? };
    // SAFETY: not NULL, aligned, and the caller says that at least these bytes are there.
    Ok(Some(unsafe { *pointer }))
}

/// Checks that a struct which begins with its size is at least as large as the one that we know.
pub(super) unsafe fn check_size<T>(pointer: *const T, init: &str) -> Result<(), Error> {
    check(pointer, "the struct")?;
    // SAFETY: not NULL and aligned for T, whose first member is a u32, which is readable by the
    // caller's word.
    let size = unsafe { pointer.cast::<u32>().read() };
    if usize::try_from(size).is_ok_and(|size| size >= size_of::<T>()) {
        return Ok(());
    }
    Err(Error::wrong(format_args!("the size in a struct is {size}; call {init} on it first")))
}

/// Refuses NULL and what is not aligned.
#[inline]
pub(super) fn check<T>(pointer: *const T, name: &str) -> Result<(), Error> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(wrong_pointer(pointer.cast(), name));
    }
    Ok(())
}

/// Refuses what is not aligned.
#[inline]
pub(super) fn check_optional<T>(pointer: *const T, name: &str) -> Result<(), Error> {
    if pointer.is_null() { Ok(()) } else { check(pointer, name) }
}

#[cold]
fn wrong_pointer(pointer: *const c_void, name: &str) -> Error {
    let (fault, wanted) = if pointer.is_null() {
        ("NULL", "a pointer")
    } else {
        ("not aligned", "a pointer to its type")
    };
    Error::wrong(format_args!("{name} is {fault}; pass {wanted}"))
}

#[inline]
fn check_array<T>(pointer: *const T, len: usize, name: &str) -> Result<(), Error> {
    check(pointer, name)?;
    let is_possible = len.checked_mul(size_of::<T>()).is_some_and(|n| isize::try_from(n).is_ok());
    if is_possible { Ok(()) } else { Err(wrong_len(len, name)) }
}

#[cold]
fn wrong_len(len: usize, name: &str) -> Error {
    Error::wrong(format_args!("the length of {name} is {len}; no object is that long"))
}
