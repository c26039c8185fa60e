//! Cancels: from a thread, from a signal handler, before the call.

use crate::handle::*;
use crate::peer;
use crate::process::{during, thread_id, until_asleep};
use bojagi::capi::buffer::bojagi_socket_recv_request;
use bojagi::capi::cancel::bojagi_cancel_fire;
use bojagi::codec::capi::head::bojagi_head_init;
use std::os::unix::thread::JoinHandleExt;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::mpsc;
use std::thread;

#[test]
fn ends_a_waiting_call_of_every_kind() {
    let cancel = Cancel::new();
    let options = Options { cancel: Some(&cancel), ..PLAIN };
    let (client, _server) = tcp_pair(PLAIN);
    assert_eq!(client.set_cancel(Some(&cancel)), 0);
    let listener = Listener::tcp("127.0.0.1", options).unwrap();
    let full = peer::Full::new();
    let much = vec![0; 64 << 20];
    let calls: [&(dyn Fn() -> i64 + Sync); 5] = [
        &|| client.recv(&mut [0; 1], -1),
        &|| client.recv_exact(&mut [0; 9], 30_000).0,
        &|| client.send_all(&much, -1).0,
        &|| listener.accept(-1).err().unwrap(),
        &|| Socket::tcp("127.0.0.1", full.port(), options, -1).err().unwrap(),
    ];
    for call in calls {
        assert_eq!(during(call, || cancel.fire()), BOJAGI_E_CANCELLED);
        cancel.reset();
    }
}

#[test]
fn fired_before_the_call_ends_it_although_bytes_are_there() {
    let cancel = Cancel::new();
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(server.set_cancel(Some(&cancel)), 0);
    assert_eq!(client.send(b"x", 1000), 1);
    cancel.fire();
    assert!(cancel.fired());
    for timeout_ms in [-1, 0, 1000] {
        assert_eq!(server.recv(&mut [0; 1], timeout_ms), BOJAGI_E_CANCELLED);
    }
    let options = Options { cancel: Some(&cancel), ..PLAIN };
    let listener = Listener::tcp("127.0.0.1", options).unwrap();
    assert_eq!(listener.accept(-1).err(), Some(BOJAGI_E_CANCELLED));
    let refused = Socket::tcp("127.0.0.1", listener.port(), options, -1).err();
    assert_eq!(refused, Some(BOJAGI_E_CANCELLED));
    cancel.reset();
    assert!(!cancel.fired());
    assert_eq!(server.recv(&mut [0; 1], 1000), 1);
}

#[test]
fn fired_ends_a_call_that_the_buffer_could_answer() {
    let cancel = Cancel::new();
    let (client, server) = tcp_pair(PLAIN);
    assert_eq!(server.set_cancel(Some(&cancel)), 0);
    let one = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(client.send_all(&one.repeat(2), 1000).0, 2 * one.len() as i64);
    let mut memory = [0u8; 256];
    let mut head = bojagi::codec::Head::default();
    let mut buffer = bojagi::buffer::Buffer::new(memory.as_mut_ptr(), memory.len());
    unsafe { bojagi_head_init(&raw mut head, null()) };
    let mut recv = || unsafe {
        let (buffer, head) = (&raw mut buffer, &raw mut head);
        bojagi_socket_recv_request(server.0, buffer, head, null_mut(), 0, 1000)
    };
    assert_eq!(recv(), one.len() as i64);
    cancel.fire();
    assert_eq!(recv(), BOJAGI_E_CANCELLED);
    cancel.reset();
    assert_eq!(recv(), one.len() as i64);
}

#[test]
fn serves_many_handles_and_can_be_detached() {
    let cancel = Cancel::new();
    let (one, other) = tcp_pair(Options { cancel: Some(&cancel), ..PLAIN });
    assert_eq!(other.set_cancel(Some(&cancel)), 0);
    cancel.fire();
    assert_eq!(one.recv(&mut [0; 1], -1), BOJAGI_E_CANCELLED);
    assert_eq!(other.recv(&mut [0; 1], -1), BOJAGI_E_CANCELLED);
    assert_eq!(one.set_cancel(None), 0);
    assert_eq!(one.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
}

#[test]
fn accepted_socket_does_not_inherit_the_cancel() {
    let cancel = Cancel::new();
    let listener = Listener::tcp("127.0.0.1", Options { cancel: Some(&cancel), ..PLAIN }).unwrap();
    let _client = Socket::tcp("127.0.0.1", listener.port(), PLAIN, 1000).unwrap();
    let server = listener.accept(1000).unwrap();
    cancel.fire();
    assert_eq!(server.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
    assert_eq!(listener.set_cancel(None), 0);
    assert_eq!(listener.accept(0).err(), Some(BOJAGI_E_AGAIN));
}

#[test]
fn may_be_fired_from_a_signal_handler_and_keeps_errno() {
    static CANCEL: AtomicPtr<bojagi::capi::cancel::Cancel> = AtomicPtr::new(null_mut());
    extern "C" fn handler(_: i32) {
        unsafe { bojagi_cancel_fire(CANCEL.load(Ordering::SeqCst)) };
    }
    crate::signal::install(libc::SIGUSR1, handler as *const () as usize, libc::SA_RESTART);
    let cancel = Cancel::new();
    CANCEL.store(cancel.0, Ordering::SeqCst);
    let (client, _server) = tcp_pair(Options { cancel: Some(&cancel), ..PLAIN });
    let (send, recv) = mpsc::channel();
    let thread = thread::spawn(move || {
        send.send(thread_id()).unwrap();
        client.recv(&mut [0; 1], -1)
    });
    until_asleep(recv.recv().unwrap());
    assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) }, 0);
    assert_eq!(thread.join().unwrap(), BOJAGI_E_CANCELLED);
    cancel.reset();
    let errno = unsafe { libc::__errno_location() };
    unsafe { *errno = 4711 };
    cancel.fire();
    assert_eq!(unsafe { *errno }, 4711);
}
