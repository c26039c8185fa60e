//! Arrays of datagrams with the bytes that they point to.

use crate::handle::*;
use bojagi::capi::address::Address;
use bojagi::capi::datagram::*;
use bojagi::net::plain::*;

/// Datagrams and their bytes.
pub struct Array {
    pub datagrams: Vec<Datagram>,
    bytes: Vec<Vec<u8>>,
}

impl Array {
    /// Datagrams to send to the peer.
    pub fn of<T: AsRef<[u8]>>(contents: impl IntoIterator<Item = T>) -> Self {
        let bytes: Vec<_> = contents.into_iter().map(|bytes| bytes.as_ref().to_vec()).collect();
        Self::over(bytes, |bytes| (bytes.len(), 0))
    }

    /// Room for `count` datagrams of `cap` bytes.
    pub fn room(count: usize, cap: usize) -> Self {
        Self::over(vec![vec![0xee; cap]; count], |bytes| (0, bytes.len()))
    }

    fn over(mut bytes: Vec<Vec<u8>>, lens: fn(&[u8]) -> (usize, usize)) -> Self {
        let datagrams = bytes.iter_mut().map(|bytes| {
            let (len, cap) = lens(bytes);
            Datagram { data: bytes.as_mut_ptr().cast(), len, cap, ..Datagram::NONE }
        });
        Self { datagrams: datagrams.collect(), bytes }
    }

    /// The same, each to this address.
    pub fn to(mut self, peer: &Address) -> Self {
        self.datagrams.iter_mut().for_each(|datagram| datagram.peer = *peer);
        self
    }

    pub fn send(&self, socket: &Socket, timeout_ms: i64) -> (i64, usize) {
        send(socket, &self.datagrams, timeout_ms)
    }

    pub fn recv(&mut self, socket: &Socket, timeout_ms: i64) -> i64 {
        let (at, len) = (self.datagrams.as_mut_ptr(), self.datagrams.len());
        unsafe { bojagi_socket_recv_batch(socket.0, at, len, timeout_ms) }
    }

    /// The bytes of a datagram that has come.
    pub fn content(&self, index: usize) -> &[u8] {
        &self.bytes[index][..self.datagrams[index].len]
    }
}

pub fn send(socket: &Socket, datagrams: &[Datagram], timeout_ms: i64) -> (i64, usize) {
    let mut done = usize::MAX;
    let (at, len) = (datagrams.as_ptr(), datagrams.len());
    let result = unsafe { bojagi_socket_send_batch(socket.0, at, len, timeout_ms, &mut done) };
    (result, done)
}

/// Receives `count` datagrams with arrays of `size`.
pub fn collect(socket: &Socket, count: usize, size: usize) -> Vec<(Vec<u8>, Address)> {
    let mut came = Vec::new();
    let mut array = Array::room(size, 65_536);
    while came.len() < count {
        let got = usize::try_from(array.recv(socket, 10_000)).unwrap();
        assert!(got >= 1 && got <= size);
        for index in 0..got {
            let datagram = &array.datagrams[index];
            assert_eq!((datagram.full_len, datagram.flags), (datagram.len, 0));
            came.push((array.content(index).to_vec(), datagram.peer));
        }
    }
    assert_eq!(array.recv(socket, 0), BOJAGI_E_AGAIN);
    came
}

pub fn set(socket: &Socket, parts: u32) -> i64 {
    unsafe { bojagi_socket_set_datagram(socket.0, parts) }
}

pub fn pending(socket: &Socket) -> i64 {
    unsafe { bojagi_socket_pending(socket.0) }
}

pub fn local_port(socket: &Socket) -> u32 {
    u32::try_from(port(&socket.local())).unwrap()
}

/// A bound socket, and one that is connected to it.
pub fn udp_pair(host: &str) -> (Socket, Socket) {
    let server = Socket::udp_bind(host).unwrap();
    let client = Socket::udp(host, local_port(&server), 1000).unwrap();
    (client, server)
}

/// `len` bytes that tell `number`.
pub fn content(number: usize, len: usize) -> Vec<u8> {
    (0..len).map(|at| (number * 31 + at * 7 + at / 251).to_le_bytes()[0]).collect()
}
