//! The functions of level 1 that the benchmarks call, with the types of `include/bojagi.h`.
#![allow(unsafe_code, reason = "the functions of a shared library are called")]

use std::ffi::{CString, c_char, c_void};
use std::ptr::null_mut;

use bojagi_bench::library::Library;

use crate::work::BUDGET_MS;

/// `bojagi_address`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Address {
    len: u32,
    storage: [u8; 128],
}

/// Nothing yet.
pub const NO_ADDRESS: Address = Address { len: 0, storage: [0; 128] };

type Raw = *mut c_void;
type Free = unsafe extern "C" fn(Raw);
type Host = *const c_char;

/// A socket, a listener or a cancel; freed with its owner.
pub struct Handle {
    raw: Raw,
    free: Free,
}

// SAFETY: no handle belongs to a thread, says the header.
unsafe impl Send for Handle {}
// SAFETY: nor to one at a time: a cancel is for many, and of the others a second user gets an answer.
unsafe impl Sync for Handle {}

impl Handle {
    #[inline(always)]
    pub fn raw(&self) -> Raw {
        self.raw
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it is ours, and freed once.
        unsafe { (self.free)(self.raw) }
    }
}

/// What was found in the library.
#[derive(Clone, Copy)]
pub struct Exports {
    tcp_listen: unsafe extern "C" fn(Host, u32, Raw, *mut Raw) -> i64,
    pub tcp_connect: unsafe extern "C" fn(Host, u32, Raw, i64, *mut Raw) -> i64,
    unix_listen: unsafe extern "C" fn(Host, Raw, *mut Raw) -> i64,
    unix_connect: unsafe extern "C" fn(Host, Raw, i64, *mut Raw) -> i64,
    udp_bind: unsafe extern "C" fn(Host, u32, Raw, *mut Raw) -> i64,
    udp_connect: unsafe extern "C" fn(Host, u32, Raw, i64, *mut Raw) -> i64,
    listener_local: unsafe extern "C" fn(Raw, *mut Address) -> i64,
    pub listener_accept: unsafe extern "C" fn(Raw, i64, *mut Raw) -> i64,
    listener_free: Free,
    address_port: unsafe extern "C" fn(*const Address) -> i64,
    pub socket_send: unsafe extern "C" fn(Raw, *const u8, usize, i64) -> i64,
    pub socket_send_all: unsafe extern "C" fn(Raw, *const u8, usize, i64, *mut usize) -> i64,
    pub socket_recv: unsafe extern "C" fn(Raw, *mut u8, usize, i64) -> i64,
    pub socket_recv_exact: unsafe extern "C" fn(Raw, *mut u8, usize, i64, *mut usize) -> i64,
    pub socket_send_to: unsafe extern "C" fn(Raw, *const u8, usize, *const Address, i64) -> i64,
    pub socket_recv_from: unsafe extern "C" fn(Raw, *mut u8, usize, i64, *mut Address) -> i64,
    socket_local: unsafe extern "C" fn(Raw, *mut Address) -> i64,
    socket_set_cancel: unsafe extern "C" fn(Raw, Raw) -> i64,
    pub socket_free: Free,
    cancel_new: unsafe extern "C" fn(*mut Raw) -> i64,
    pub cancel_fire: unsafe extern "C" fn(Raw) -> i64,
    pub cancel_reset: unsafe extern "C" fn(Raw) -> i64,
    cancel_free: Free,
}

impl Exports {
    pub fn find(library: &Library) -> Result<Self, String> {
        // SAFETY: the types are those of include/bojagi.h.
        unsafe {
            Ok(Self {
                tcp_listen: library.function(c"bojagi_tcp_listen")?,
                tcp_connect: library.function(c"bojagi_tcp_connect")?,
                unix_listen: library.function(c"bojagi_unix_listen")?,
                unix_connect: library.function(c"bojagi_unix_connect")?,
                udp_bind: library.function(c"bojagi_udp_bind")?,
                udp_connect: library.function(c"bojagi_udp_connect")?,
                listener_local: library.function(c"bojagi_listener_local")?,
                listener_accept: library.function(c"bojagi_listener_accept")?,
                listener_free: library.function(c"bojagi_listener_free")?,
                address_port: library.function(c"bojagi_address_port")?,
                socket_send: library.function(c"bojagi_socket_send")?,
                socket_send_all: library.function(c"bojagi_socket_send_all")?,
                socket_recv: library.function(c"bojagi_socket_recv")?,
                socket_recv_exact: library.function(c"bojagi_socket_recv_exact")?,
                socket_send_to: library.function(c"bojagi_socket_send_to")?,
                socket_recv_from: library.function(c"bojagi_socket_recv_from")?,
                socket_local: library.function(c"bojagi_socket_local")?,
                socket_set_cancel: library.function(c"bojagi_socket_set_cancel")?,
                socket_free: library.function(c"bojagi_socket_free")?,
                cancel_new: library.function(c"bojagi_cancel_new")?,
                cancel_fire: library.function(c"bojagi_cancel_fire")?,
                cancel_reset: library.function(c"bojagi_cancel_reset")?,
                cancel_free: library.function(c"bojagi_cancel_free")?,
            })
        }
    }

    /// A listener on a free port of 127.0.0.1, and the port.
    pub fn tcp_listen(&self) -> Result<(Handle, u32), String> {
        let listener = self.made("listen", self.listener_free, |out| {
            // SAFETY: C strings and a place for the handle, here and below.
            unsafe { (self.tcp_listen)(LOOPBACK.as_ptr(), 0, null_mut(), out) }
        })?;
        let mut local = NO_ADDRESS;
        // SAFETY: a live handle, and a place for the address.
        checked(unsafe { (self.listener_local)(listener.raw, &mut local) }, "ask for the port")?;
        Ok((listener, self.port(&local)?))
    }

    pub fn tcp_connect(&self, port: u32) -> Result<Handle, String> {
        self.made("connect", self.socket_free, |out| {
            // SAFETY: as above.
            unsafe { (self.tcp_connect)(LOOPBACK.as_ptr(), port, null_mut(), BUDGET_MS, out) }
        })
    }

    pub fn accept(&self, listener: &Handle) -> Result<Handle, String> {
        self.made("accept", self.socket_free, |out| {
            // SAFETY: a live handle and a place for the new one.
            unsafe { (self.listener_accept)(listener.raw, BUDGET_MS, out) }
        })
    }

    pub fn unix_listen(&self, name: &str) -> Result<Handle, String> {
        let name = CString::new(name).map_err(|error| error.to_string())?;
        self.made("listen", self.listener_free, |out| {
            // SAFETY: as above.
            unsafe { (self.unix_listen)(name.as_ptr(), null_mut(), out) }
        })
    }

    pub fn unix_connect(&self, name: &str) -> Result<Handle, String> {
        let name = CString::new(name).map_err(|error| error.to_string())?;
        self.made("connect", self.socket_free, |out| {
            // SAFETY: as above.
            unsafe { (self.unix_connect)(name.as_ptr(), null_mut(), BUDGET_MS, out) }
        })
    }

    /// A socket on a free port of 127.0.0.1, and the port.
    pub fn udp_bind(&self) -> Result<(Handle, u32), String> {
        let socket = self.made("bind", self.socket_free, |out| {
            // SAFETY: as above.
            unsafe { (self.udp_bind)(LOOPBACK.as_ptr(), 0, null_mut(), out) }
        })?;
        let mut local = NO_ADDRESS;
        // SAFETY: a live handle, and a place for the address.
        checked(unsafe { (self.socket_local)(socket.raw, &mut local) }, "ask for the port")?;
        Ok((socket, self.port(&local)?))
    }

    pub fn udp_connect(&self, port: u32) -> Result<Handle, String> {
        self.made("connect", self.socket_free, |out| {
            // SAFETY: as above.
            unsafe { (self.udp_connect)(LOOPBACK.as_ptr(), port, null_mut(), BUDGET_MS, out) }
        })
    }

    pub fn cancel(&self) -> Result<Handle, String> {
        self.made("make a cancel", self.cancel_free, |out| {
            // SAFETY: a place for the handle.
            unsafe { (self.cancel_new)(out) }
        })
    }

    pub fn set_cancel(&self, socket: &Handle, cancel: &Handle) -> Result<(), String> {
        // SAFETY: live handles; the socket keeps what it needs of the cancel.
        checked(unsafe { (self.socket_set_cancel)(socket.raw, cancel.raw) }, "attach a cancel")
    }

    fn port(&self, address: &Address) -> Result<u32, String> {
        // SAFETY: an address that the library wrote.
        let port = unsafe { (self.address_port)(address) };
        u32::try_from(port).map_err(|_| format!("bojagi_address_port answers {port}"))
    }

    fn made(
        &self,
        what: &str,
        free: Free,
        make: impl FnOnce(*mut Raw) -> i64,
    ) -> Result<Handle, String> {
        let mut raw = null_mut();
        checked(make(&mut raw), what)?;
        Ok(Handle { raw, free })
    }
}

/// What a call that counts nothing answers.
pub fn checked(answer: i64, what: &str) -> Result<(), String> {
    if answer >= 0 { Ok(()) } else { Err(format!("the library cannot {what}: code {answer}")) }
}

/// What a call answers that has to move so many bytes.
#[inline(always)]
pub fn moved(answer: i64, size: usize) -> Result<(), String> {
    match usize::try_from(answer) == Ok(size) {
        true => Ok(()),
        false => Err(format!("the library moves {answer} bytes of {size}")),
    }
}

pub const LOOPBACK: &std::ffi::CStr = c"127.0.0.1";
