//! The options of sockets and listeners, and the table of them.

use super::address::write_text;
use super::guard::guard;
use super::listener::Listener;
use super::ptr;
use super::socket::{self, Socket};
use crate::error::{Error, Stage, Subject};
use crate::net::option::Target;
use crate::net::option::id::BOJAGI_ACCESS_HERE;
use crate::net::option::table::{self, Row, TABLE};
use crate::net::option::value::{Setting, Value};
use std::ffi::c_char;
use std::ptr::null;

/// What is known about an option. Begin with `bojagi_option_info_init`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OptionInfo {
    /// The size of this struct, as the caller knows it.
    pub size: u32,
    /// Its number, a BOJAGI_OPTION_ such as BOJAGI_OPTION_KEEPALIVE.
    pub id: u32,
    /// Its name, such as "keepalive"; static.
    pub name: *const c_char,
    /// The unit of its value, such as "seconds", or ""; static.
    pub unit: *const c_char,
    /// BOJAGI_VALUE_BOOL, _INTEGER, _DURATION or _TEXT.
    pub value_type: u32,
    /// A sum of BOJAGI_ACCESS_READ, _SET, _HERE, _INHERIT.
    pub flags: u32,
    /// A sum of BOJAGI_KIND_: the sockets that have it.
    pub kinds: u32,
    /// Zero.
    pub reserved: u32,
    /// The least value; of a text its least length in bytes.
    pub min: i64,
    /// The largest value; of a text its largest length in bytes.
    pub max: i64,
}

/// An option and its value, for the `values` of bojagi_connect_options and bojagi_listen_options.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OptionValue {
    /// The option, a BOJAGI_OPTION_.
    pub option: u32,
    /// Zero.
    pub reserved: u32,
    /// What it is set to, if its value is a number; else zero.
    pub value: i64,
    /// What it is set to, if its value is a text; else NULL.
    pub text: *const c_char,
}

/// Sets the size, and the rest to zero and NULL. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_option_info_init(info: *mut OptionInfo) {
    let size = u32::try_from(size_of::<OptionInfo>()).unwrap_or(0);
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::write_optional(info, OptionInfo { size, ..OptionInfo::EMPTY }) }
}

/// How many options there are: the numbers from 1 to this one.
#[unsafe(no_mangle)]
pub extern "C" fn bojagi_option_count() -> u32 {
    u32::try_from(TABLE.len()).unwrap_or(0)
}

/// Writes what is known about one option to `*out`. `index` counts from 0; the one at `index` has the number
/// `index + 1`.
///
/// Returns 0. Errors: BOJAGI_E_ARG past the last, or when `out` is NULL or its `size` was not set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_option_describe(index: u32, out: *mut OptionInfo) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        unsafe { ptr::check_size(out.cast_const(), "bojagi_option_info_init") }?;
        let row = usize::try_from(index).ok().and_then(|index| TABLE.get(index));
        let row = row.ok_or_else(|| {
            Error::argument("there are not so many options; pass less than bojagi_option_count")
        })?;
        // SAFETY: as above; the size was checked.
        let out = unsafe { ptr::object_mut(out, "out") }?;
        *out = OptionInfo { size: out.size, ..OptionInfo::of(row) };
        Ok(0)
    })
}

/// The number of the option with this name, such as "keepalive"; -1 when there is none.
///
/// Errors: BOJAGI_E_ARG when `name` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_option_find(name: *const c_char) -> i64 {
    guard(|| {
        // SAFETY: from C, under the contract of the header.
        let name = unsafe { ptr::text(name, "name") }?;
        Ok(table::find(name).map_or(-1, i64::from))
    })
}

/// Sets an option, a BOJAGI_OPTION_, to a number: setsockopt(2), with the value checked before.
///
/// Returns 0. Errors: BOJAGI_E_ARG when the value is not in the range of the option, or the option is a text;
/// BOJAGI_E_UNSUPPORTED when there is no such option, this system or this kind of socket does not have it, or
/// it can only be read; BOJAGI_E_DENIED when it needs a privilege; BOJAGI_E_STATE when it is too late for it.
/// The message names the option. Legal at any time, also while other threads send and receive. SO_RCVTIMEO and
/// SO_SNDTIMEO are the budgets', and no options.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_set_option(
    socket: *mut Socket,
    option: u32,
    value: i64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| set(unsafe { of_socket(socket) }?, option, value))
}

/// Reads an option that is a number, into `*out`: getsockopt(2).
///
/// Returns 0. Errors: as `bojagi_socket_set_option`; BOJAGI_E_STATE when the socket is not connected and the
/// option is the connection's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_option(
    socket: *const Socket,
    option: u32,
    out: *mut i64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { read(of_socket(socket)?, option, out) })
}

/// Sets an option that is a text. Returns 0. Errors: as `bojagi_socket_set_option`; BOJAGI_E_ARG when the
/// system has no algorithm or interface of that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_set_option_text(
    socket: *mut Socket,
    option: u32,
    value: *const c_char,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { set_text(of_socket(socket)?, option, value) })
}

/// Reads an option that is a text, into `out`, with a NUL. `(NULL, 0)` asks for the length.
///
/// Returns the length without the NUL; 16 bytes are always enough. Errors: as `bojagi_socket_option`;
/// BOJAGI_E_SPACE when it does not fit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_socket_option_text(
    socket: *const Socket,
    option: u32,
    out: *mut c_char,
    cap: usize,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { read_text(of_socket(socket)?, option, out, cap) })
}

/// Sets an option of a listener to a number. Connections that are accepted later have it too where
/// `bojagi_option_info.flags` says BOJAGI_ACCESS_INHERIT. Returns and fails as `bojagi_socket_set_option`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_set_option(
    listener: *mut Listener,
    option: u32,
    value: i64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| set(unsafe { of_listener(listener) }?, option, value))
}

/// Reads an option of a listener that is a number. As `bojagi_socket_option`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_option(
    listener: *const Listener,
    option: u32,
    out: *mut i64,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { read(of_listener(listener)?, option, out) })
}

/// Sets an option of a listener that is a text. As `bojagi_socket_set_option_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_set_option_text(
    listener: *mut Listener,
    option: u32,
    value: *const c_char,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { set_text(of_listener(listener)?, option, value) })
}

/// Reads an option of a listener that is a text. As `bojagi_socket_option_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bojagi_listener_option_text(
    listener: *const Listener,
    option: u32,
    out: *mut c_char,
    cap: usize,
) -> i64 {
    // SAFETY: from C, under the contract of the header.
    guard(|| unsafe { read_text(of_listener(listener)?, option, out, cap) })
}

impl OptionInfo {
    const EMPTY: Self = Self {
        size: 0,
        id: 0,
        name: null(),
        unit: null(),
        value_type: 0,
        flags: 0,
        kinds: 0,
        reserved: 0,
        min: 0,
        max: 0,
    };

    fn of(row: &'static Row) -> Self {
        let available = if row.is_available() { BOJAGI_ACCESS_HERE } else { 0 };
        Self {
            id: row.id,
            name: row.c_name().as_ptr(),
            unit: row.unit().as_ptr(),
            value_type: row.value_type(),
            flags: row.access | available,
            kinds: row.kinds,
            min: row.min,
            max: row.max,
            ..Self::EMPTY
        }
    }
}

unsafe fn of_socket<'a>(socket: *const Socket) -> Result<Target<'a>, Error> {
    // SAFETY: from C, under the contract of the header.
    unsafe { socket::object(socket) }?.options()
}

unsafe fn of_listener<'a>(listener: *const Listener) -> Result<Target<'a>, Error> {
    // SAFETY: from C, under the contract of the header.
    unsafe { ptr::object(listener, "listener") }?.inner.options()
}

fn set(target: Target<'_>, option: u32, value: i64) -> Result<i64, Error> {
    target.set(option, value)?;
    Ok(0)
}

unsafe fn read(target: Target<'_>, option: u32, out: *mut i64) -> Result<i64, Error> {
    ptr::check(out, "out")?;
    let value = target.read(option)?;
    // SAFETY: checked above.
    unsafe { ptr::write(out, value) };
    Ok(0)
}

unsafe fn set_text(target: Target<'_>, option: u32, value: *const c_char) -> Result<i64, Error> {
    // SAFETY: from C, under the contract of the header.
    target.set_text(option, unsafe { ptr::text(value, "value") }?)?;
    Ok(0)
}

unsafe fn read_text(
    target: Target<'_>,
    option: u32,
    out: *mut c_char,
    cap: usize,
) -> Result<i64, Error> {
    let text = target.read_text(option)?;
    // SAFETY: from C, under the contract of the header.
    unsafe { write_text(&text, out, cap) }
}

/// The options of a socket that is to be made.
pub(super) unsafe fn values(values: *const OptionValue, count: usize) -> Result<Vec<Value>, Error> {
    // SAFETY: from C, under the contract of the header.
    let given = unsafe { ptr::array(values, count, "values") }?;
    let has_more = |of: &&OptionValue| of.reserved != 0 || of.value != 0 && !of.text.is_null();
    if let Some(wrong) = given.iter().find(has_more) {
        let error = Error::argument("it has a number and a text, or more; zero the rest");
        return Err(error.at(Stage::Socket).about(Subject::OptionId(wrong.option)));
    }
    // SAFETY: as above.
    Ok(given.iter().map(|given| unsafe { value(given) }).collect())
}

unsafe fn value(given: &OptionValue) -> Value {
    // SAFETY: from C, under the contract of the header.
    let text = unsafe { ptr::optional_text(given.text) };
    let number = Setting::Number(given.value);
    Value { id: given.option, setting: text.map_or(number, |text| Setting::text(text.to_bytes())) }
}
