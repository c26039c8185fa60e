//! Tests that need a process of their own run their own executable again.

use std::env;
use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Command, Output};
use std::sync::mpsc;
use std::thread;

/// Whether this process is the child of the test.
pub fn is_child(test: &str) -> bool {
    env::var("BOJAGI_TEST_CHILD").is_ok_and(|name| name == test)
}

/// A command that runs the test `test`, and only that, as a child of it.
pub fn child(test: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(arguments(test)).env("BOJAGI_TEST_CHILD", test);
    command
}

/// The arguments with which the executable of the tests runs one.
pub fn arguments(test: &str) -> [String; 3] {
    [test.to_owned(), "--exact".to_owned(), "--nocapture".to_owned()]
}

/// Runs a child and expects it to succeed.
pub fn succeeds(mut command: Command) -> Output {
    let output = command.output().unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    output
}

/// Runs `meanwhile` while another thread sleeps in `call`.
pub fn during(call: impl FnOnce() -> i64 + Send, meanwhile: impl FnOnce()) -> i64 {
    thread::scope(|scope| {
        let (send, recv) = mpsc::channel();
        let thread = scope.spawn(move || {
            send.send(thread_id()).unwrap();
            call()
        });
        until_asleep(recv.recv().unwrap());
        meanwhile();
        thread.join().unwrap()
    })
}

/// Waits until a thread of this process sleeps in one of the calls that wait for a peer.
pub fn until_asleep(thread: i32) {
    let socket = [libc::SYS_recvfrom, libc::SYS_sendto, libc::SYS_accept4, libc::SYS_connect];
    let more = [libc::SYS_recvmsg, libc::SYS_sendmsg, libc::SYS_sendfile, libc::SYS_splice];
    until_in(thread, &[&socket[..], &more, &POLL, &EPOLL].concat());
}

/// Waits until a thread of this process sleeps in poll(2).
pub fn until_polling(thread: i32) {
    until_in(thread, &POLL);
}

fn until_in(thread: i32, calls: &[libc::c_long]) {
    let file = File::open(format!("/proc/self/task/{thread}/syscall")).unwrap();
    until_in_file(&file, calls);
}

/// Waits until the thread whose `syscall` file this is sleeps in one of the calls.
pub fn until_in_file(mut file: &File, calls: &[libc::c_long]) {
    loop {
        let mut state = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut state).unwrap();
        let call = state.split(' ').next().and_then(|number| number.parse().ok());
        if call.is_some_and(|call| calls.contains(&call)) {
            return;
        }
        thread::yield_now();
    }
}

#[cfg(target_arch = "x86_64")]
pub const POLL: [libc::c_long; 2] = [libc::SYS_poll, libc::SYS_ppoll];
#[cfg(not(target_arch = "x86_64"))]
pub const POLL: [libc::c_long; 1] = [libc::SYS_ppoll];

#[cfg(target_arch = "x86_64")]
const EPOLL: [libc::c_long; 2] = [libc::SYS_epoll_wait, libc::SYS_epoll_pwait];
#[cfg(not(target_arch = "x86_64"))]
const EPOLL: [libc::c_long; 1] = [libc::SYS_epoll_pwait];

/// The system's number of this thread.
pub fn thread_id() -> i32 {
    unsafe { libc::gettid() }
}
