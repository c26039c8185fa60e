//! `bojagi_field_…` and the other names: methods, statuses, reasons.

use super::code::BOJAGI_E_ARG;
use super::ptr;
use crate::field::{self, Field};
use crate::offset::index as to_index;
use crate::{fault, known, method, phrase, token};
use core::ffi::{c_char, c_void};

/// The index of the first field at or after `from` that has this id, or -1 when there is none. For all of
/// several, go on from the index plus one. Errors: BOJAGI_E_ARG for NULL with a count.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_field_find(
    fields: *const Field,
    count: u32,
    id: u32,
    from: u32,
) -> i64 {
    // SAFETY: the header asks for an array of this length.
    match unsafe { ptr::slice(fields, to_index(count)) } {
        Ok(fields) => index(field::find(fields, to_index(from), |field| u32::from(field.id) == id)),
        Err(error) => error,
    }
}

/// The index of the first field at or after `from` that has this name, whatever its case, or -1 when there
/// is none. `data` and `len` are the bytes that the fields were decoded from. Errors: BOJAGI_E_ARG for NULL
/// with a count or length.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_field_find_name(
    fields: *const Field,
    count: u32,
    data: *const c_void,
    len: usize,
    name: *const c_void,
    name_len: usize,
    from: u32,
) -> i64 {
    // SAFETY: the header asks for arrays and bytes of these lengths.
    let arguments = unsafe {
        (ptr::slice(fields, to_index(count)), ptr::bytes(data, len), ptr::bytes(name, name_len))
    };
    let (Ok(fields), Ok(data), Ok(name)) = arguments else { return BOJAGI_E_ARG };
    index(field::find(fields, to_index(from), |field| token::is_same(field.name(data), name)))
}

/// The BOJAGI_FIELD_ of a field name, whatever its case; 0 when it has none.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_field_id(name: *const c_void, len: usize) -> u32 {
    // SAFETY: the header asks for bytes of this length.
    unsafe { ptr::bytes(name, len) }.map_or(0, |name| u32::from(known::field_id(name)))
}

/// The name behind a BOJAGI_FIELD_, in the spelling of its RFC. Static; NULL for any other number.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn bojagi_field_name(id: u32) -> *const c_char {
    known::field_name(id).map_or(core::ptr::null(), |name| name.as_ptr())
}

/// The BOJAGI_METHOD_ of a method, whose case counts; BOJAGI_METHOD_OTHER when it has none.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn bojagi_method_id(name: *const c_void, len: usize) -> u32 {
    // SAFETY: the header asks for bytes of this length.
    unsafe { ptr::bytes(name, len) }.map_or(0, |name| u32::from(method::method_id(name)))
}

/// The name behind a BOJAGI_METHOD_. Static; NULL for BOJAGI_METHOD_OTHER and any other number.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn bojagi_method_name(id: u32) -> *const c_char {
    method::method_name(id).map_or(core::ptr::null(), |name| name.as_ptr())
}

/// The phrase that IANA lists for a status. Static, never NULL; empty where it lists none.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn bojagi_status_phrase(status: u32) -> *const c_char {
    phrase::phrase_for_c(status).as_ptr().cast()
}

/// The stable name of a BOJAGI_REASON_, such as "HOST_MISSING". Static; "UNKNOWN" for any other number.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn bojagi_reason_name(reason: u32) -> *const c_char {
    fault::reason_name(reason).as_ptr()
}

/// One line that says which rule a BOJAGI_REASON_ stands for, with the section of the RFC. Static.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn bojagi_reason_text(reason: u32) -> *const c_char {
    fault::reason_text(reason).as_ptr()
}

fn index(found: Option<usize>) -> i64 {
    found.and_then(|index| i64::try_from(index).ok()).unwrap_or(-1)
}
