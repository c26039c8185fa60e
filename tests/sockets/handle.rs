//! The handles of the C ABI as Rust values that free themselves.

use bojagi::capi::address::*;
use bojagi::capi::cancel::*;
use bojagi::capi::connect::*;
use bojagi::capi::error::*;
use bojagi::capi::listen::*;
use bojagi::capi::listener::*;
use bojagi::capi::plan::*;
use bojagi::capi::socket::*;
use std::ffi::{CStr, CString};
use std::ptr::{null, null_mut};

pub use bojagi::codec::capi::code::*;

pub struct Socket(pub *mut bojagi::capi::socket::Socket);
pub struct Listener(pub *mut bojagi::capi::listener::Listener);
pub struct Cancel(pub *mut bojagi::capi::cancel::Cancel);

// A socket may be used by several threads, and a cancel by any: that is what is tested.
unsafe impl Sync for Socket {}
unsafe impl Send for Socket {}
unsafe impl Sync for Listener {}
unsafe impl Send for Listener {}
unsafe impl Sync for Cancel {}
unsafe impl Send for Cancel {}

/// What handles are made with.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    pub flags: u32,
    pub cancel: Option<&'a Cancel>,
    pub backlog: u32,
}

pub const PLAIN: Options<'static> = Options { flags: 0, cancel: None, backlog: 0 };
pub const INTERRUPTIBLE: Options<'static> =
    Options { flags: BOJAGI_INTERRUPTIBLE, cancel: None, backlog: 0 };

impl Options<'_> {
    pub fn connect(&self) -> ConnectOptions {
        let mut options = ConnectOptions::default();
        unsafe { bojagi_connect_options_init(&mut options) };
        options.flags = self.flags;
        options.cancel = self.cancel.map_or(null_mut(), |cancel| cancel.0);
        options
    }

    pub fn listen(&self) -> ListenOptions {
        let mut options = ListenOptions::default();
        unsafe { bojagi_listen_options_init(&mut options) };
        options.flags = self.flags;
        options.cancel = self.cancel.map_or(null_mut(), |cancel| cancel.0);
        options.backlog = self.backlog;
        options
    }
}

impl Socket {
    pub fn tcp(host: &str, port: u32, options: Options, timeout_ms: i64) -> Result<Self, i64> {
        let (host, options) = (c(host), options.connect());
        made(Self, |out| unsafe {
            bojagi_tcp_connect(host.as_ptr(), port, &options, timeout_ms, out)
        })
    }

    pub fn udp(host: &str, port: u32, timeout_ms: i64) -> Result<Self, i64> {
        let host = c(host);
        made(Self, |out| unsafe {
            bojagi_udp_connect(host.as_ptr(), port, null(), timeout_ms, out)
        })
    }

    pub fn udp_bind(host: &str) -> Result<Self, i64> {
        let host = c(host);
        made(Self, |out| unsafe { bojagi_udp_bind(host.as_ptr(), 0, null(), out) })
    }

    pub fn unix(path: &str, options: Options, timeout_ms: i64) -> Result<Self, i64> {
        let (path, options) = (c(path), options.connect());
        made(Self, |out| unsafe { bojagi_unix_connect(path.as_ptr(), &options, timeout_ms, out) })
    }

    pub fn unix_datagram(path: &str, options: Options) -> Result<Self, i64> {
        let (path, options) = (c(path), options.connect());
        made(Self, |out| unsafe { bojagi_unix_datagram_connect(path.as_ptr(), &options, out) })
    }

    pub fn unix_datagram_bind(path: Option<&str>) -> Result<Self, i64> {
        let path = path.map(c);
        let path = path.as_ref().map_or(null(), |path| path.as_ptr());
        made(Self, |out| unsafe { bojagi_unix_datagram_bind(path, null(), out) })
    }

    pub fn from_fd(fd: i64, options: Options) -> Result<Self, i64> {
        let options = options.connect();
        made(Self, |out| unsafe { bojagi_socket_from_fd(fd, &options, out) })
    }

    pub fn send(&self, data: &[u8], timeout_ms: i64) -> i64 {
        unsafe { bojagi_socket_send(self.0, data.as_ptr().cast(), data.len(), timeout_ms) }
    }

    pub fn send_all(&self, data: &[u8], timeout_ms: i64) -> (i64, usize) {
        let (at, len, mut done) = (data.as_ptr().cast(), data.len(), usize::MAX);
        let result = unsafe { bojagi_socket_send_all(self.0, at, len, timeout_ms, &mut done) };
        (result, done)
    }

    pub fn recv(&self, buf: &mut [u8], timeout_ms: i64) -> i64 {
        unsafe { bojagi_socket_recv(self.0, buf.as_mut_ptr().cast(), buf.len(), timeout_ms) }
    }

    pub fn recv_exact(&self, buf: &mut [u8], timeout_ms: i64) -> (i64, usize) {
        let (at, len, mut done) = (buf.as_mut_ptr().cast(), buf.len(), usize::MAX);
        let result = unsafe { bojagi_socket_recv_exact(self.0, at, len, timeout_ms, &mut done) };
        (result, done)
    }

    pub fn send_to(&self, data: &[u8], to: &Address, timeout_ms: i64) -> i64 {
        unsafe { bojagi_socket_send_to(self.0, data.as_ptr().cast(), data.len(), to, timeout_ms) }
    }

    pub fn recv_from(&self, buf: &mut [u8], timeout_ms: i64) -> (i64, Address) {
        let mut from = no_address();
        let (at, len) = (buf.as_mut_ptr().cast(), buf.len());
        let result = unsafe { bojagi_socket_recv_from(self.0, at, len, timeout_ms, &mut from) };
        (result, from)
    }

    pub fn shutdown(&self, how: u32) -> i64 {
        unsafe { bojagi_socket_shutdown(self.0, how) }
    }

    pub fn local(&self) -> Address {
        let mut address = no_address();
        assert_eq!(unsafe { bojagi_socket_local(self.0, &mut address) }, 0);
        address
    }

    pub fn peer(&self) -> Result<Address, i64> {
        let mut address = no_address();
        match unsafe { bojagi_socket_peer(self.0, &mut address) } {
            0 => Ok(address),
            code => Err(code),
        }
    }

    pub fn fd(&self) -> i32 {
        i32::try_from(unsafe { bojagi_socket_fd(self.0) }).unwrap()
    }

    pub fn set_cancel(&self, cancel: Option<&Cancel>) -> i64 {
        unsafe { bojagi_socket_set_cancel(self.0, cancel.map_or(null_mut(), |cancel| cancel.0)) }
    }
}

impl Listener {
    pub fn tcp(host: &str, options: Options) -> Result<Self, i64> {
        Self::tcp_on(host, 0, options)
    }

    pub fn tcp_on(host: &str, port: u32, options: Options) -> Result<Self, i64> {
        let (host, options) = (c(host), options.listen());
        made(Self, |out| unsafe { bojagi_tcp_listen(host.as_ptr(), port, &options, out) })
    }

    pub fn unix(path: &str, options: Options) -> Result<Self, i64> {
        let (path, options) = (c(path), options.listen());
        made(Self, |out| unsafe { bojagi_unix_listen(path.as_ptr(), &options, out) })
    }

    pub fn from_fd(fd: i64, options: Options) -> Result<Self, i64> {
        let options = options.listen();
        made(Self, |out| unsafe { bojagi_listener_from_fd(fd, &options, out) })
    }

    pub fn accept(&self, timeout_ms: i64) -> Result<Socket, i64> {
        made(Socket, |out| unsafe { bojagi_listener_accept(self.0, timeout_ms, out) })
    }

    pub fn local(&self) -> Address {
        let mut address = no_address();
        assert_eq!(unsafe { bojagi_listener_local(self.0, &mut address) }, 0);
        address
    }

    pub fn port(&self) -> u32 {
        u32::try_from(port(&self.local())).unwrap()
    }

    pub fn fd(&self) -> i32 {
        i32::try_from(unsafe { bojagi_listener_fd(self.0) }).unwrap()
    }

    pub fn set_cancel(&self, cancel: Option<&Cancel>) -> i64 {
        unsafe { bojagi_listener_set_cancel(self.0, cancel.map_or(null_mut(), |cancel| cancel.0)) }
    }
}

impl Cancel {
    pub fn new() -> Self {
        made(Self, |out| unsafe { bojagi_cancel_new(out) }).unwrap()
    }

    pub fn fire(&self) {
        assert_eq!(unsafe { bojagi_cancel_fire(self.0) }, 0);
    }

    pub fn reset(&self) {
        assert_eq!(unsafe { bojagi_cancel_reset(self.0) }, 0);
    }

    pub fn fired(&self) -> bool {
        unsafe { bojagi_cancel_fired(self.0) == 1 }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        unsafe { bojagi_socket_free(self.0) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        unsafe { bojagi_listener_free(self.0) }
    }
}

impl Drop for Cancel {
    fn drop(&mut self) {
        unsafe { bojagi_cancel_free(self.0) }
    }
}

/// Two ends of a TCP connection: the one that connected, the one that was accepted.
pub fn tcp_pair(options: Options) -> (Socket, Socket) {
    let listener = Listener::tcp("127.0.0.1", options).unwrap();
    let client = Socket::tcp("127.0.0.1", listener.port(), options, 10_000).unwrap();
    let server = listener.accept(10_000).unwrap();
    (client, server)
}

/// This thread's last failure.
pub fn last_error() -> ErrorRecord {
    let mut record = ErrorRecord::default();
    assert_eq!(unsafe { bojagi_error_last(&mut record) }, 0);
    record
}

/// An address as text.
pub fn text(address: &Address) -> String {
    let len = unsafe { bojagi_address_format(address, null_mut(), 0) };
    let mut out = vec![0; usize::try_from(len).unwrap() + 1];
    assert_eq!(unsafe { bojagi_address_format(address, out.as_mut_ptr(), out.len()) }, len);
    unsafe { CStr::from_ptr(out.as_ptr()) }.to_str().unwrap().to_owned()
}

pub fn port(address: &Address) -> i64 {
    unsafe { bojagi_address_port(address) }
}

pub fn address(host: &str, port: u32) -> Result<Address, i64> {
    let (host, mut address) = (c(host), no_address());
    match unsafe { bojagi_address_parse(host.as_ptr(), port, &mut address) } {
        0 => Ok(address),
        code => Err(code),
    }
}

pub fn unix_address(path: &str) -> Result<Address, i64> {
    let (path, mut address) = (c(path), no_address());
    match unsafe { bojagi_address_unix(path.as_ptr(), &mut address) } {
        0 => Ok(address),
        code => Err(code),
    }
}

pub fn no_address() -> Address {
    Address { len: 0, storage: [0; 128] }
}

pub fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

/// Runs a constructor; on failure the out pointer must be as it was.
pub fn made<T, H>(wrap: fn(*mut T) -> H, make: impl FnOnce(*mut *mut T) -> i64) -> Result<H, i64> {
    let mut out = null_mut();
    match make(&mut out) {
        0 => {
            assert!(!out.is_null());
            Ok(wrap(out))
        }
        code => {
            assert!(code < -1 && out.is_null(), "{code}");
            Err(code)
        }
    }
}
