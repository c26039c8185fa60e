//! Pointers from C, turned into references and slices. Every dereference of the codec is here.
//!
//! What can be checked is checked: NULL, and lengths that no object can have. The rest is the
//! contract of the header: a pointer is valid for the length that comes with it, for the call.

use super::code::BOJAGI_E_ARG;
use core::ffi::c_void;
use core::mem::MaybeUninit;

/// The bytes at `data`; `(NULL, 0)` is the empty input.
pub(super) unsafe fn bytes<'a>(data: *const c_void, len: usize) -> Result<&'a [u8], i64> {
    // SAFETY: the caller passes the pointer and length that C passed it.
    unsafe { slice(data.cast(), len) }
}

/// The elements at `data`; `(NULL, 0)` is the empty array.
pub(super) unsafe fn slice<'a, T>(data: *const T, len: usize) -> Result<&'a [T], i64> {
    if data.is_null() {
        return if len == 0 { Ok(&[]) } else { Err(BOJAGI_E_ARG) };
    }
    check_len::<T>(len)?;
    check_aligned(data)?;
    // SAFETY: not NULL, aligned, no longer than an object can be, and readable for the call by the
    // contract of the header; the library writes no memory that a caller passes as const.
    Ok(unsafe { core::slice::from_raw_parts(data, len) })
}

/// Room for elements at `data`, whose old contents do not matter; `(NULL, 0)` is no room.
pub(super) unsafe fn room<'a, T>(
    data: *mut T,
    len: usize,
) -> Result<&'a mut [MaybeUninit<T>], i64> {
    if data.is_null() {
        return if len == 0 { Ok(&mut []) } else { Err(BOJAGI_E_ARG) };
    }
    check_len::<T>(len)?;
    check_aligned(data)?;
    // SAFETY: not NULL, aligned, no longer than an object can be, and the caller's alone for the
    // call by the contract of the header. MaybeUninit asks nothing of the old contents.
    Ok(unsafe { core::slice::from_raw_parts_mut(data.cast(), len) })
}

/// Bytes that are read and overwritten in place.
pub(super) unsafe fn bytes_mut<'a>(data: *mut c_void, len: usize) -> Result<&'a mut [u8], i64> {
    if data.is_null() {
        return if len == 0 { Ok(&mut []) } else { Err(BOJAGI_E_ARG) };
    }
    check_len::<u8>(len)?;
    // SAFETY: not NULL, no longer than an object can be, and the caller's to read and write for
    // the call by the contract of the header.
    Ok(unsafe { core::slice::from_raw_parts_mut(data.cast(), len) })
}

/// A struct that its `_init` function has filled.
pub(super) unsafe fn object<'a, T>(pointer: *const T) -> Result<&'a T, i64> {
    check_aligned(pointer)?;
    // SAFETY: aligned, and either NULL or a struct of the caller, by the contract of the header.
    unsafe { pointer.as_ref() }.ok_or(BOJAGI_E_ARG)
}

/// A struct that its `_init` function has filled, to change.
pub(super) unsafe fn object_mut<'a, T>(pointer: *mut T) -> Result<&'a mut T, i64> {
    check_aligned(pointer)?;
    // SAFETY: aligned, and either NULL or a struct that is the caller's alone for the call, by the
    // contract of the header. All structs of the codec are plain integers: any contents are valid.
    unsafe { pointer.as_mut() }.ok_or(BOJAGI_E_ARG)
}

/// Writes through a pointer that may be NULL.
pub(super) unsafe fn write<T>(pointer: *mut T, value: T) {
    if !pointer.is_null() && pointer.is_aligned() {
        // SAFETY: not NULL, aligned, and writable by the contract of the header.
        unsafe { pointer.write(value) }
    }
}

fn check_len<T>(len: usize) -> Result<(), i64> {
    if len <= isize::MAX.unsigned_abs() / size_of::<T>() { Ok(()) } else { Err(BOJAGI_E_ARG) }
}

fn check_aligned<T>(pointer: *const T) -> Result<(), i64> {
    if pointer.is_aligned() { Ok(()) } else { Err(BOJAGI_E_ARG) }
}
