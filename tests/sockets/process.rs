//! Tests that need a process of their own run their own executable again.

use std::env;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A child takes seconds; this is a hang.
const PATIENCE: Duration = Duration::from_secs(120);

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

/// Runs a child and expects it to succeed. One that hangs is ended, with all that it has started.
pub fn succeeds(command: Command) -> Output {
    let output = finished(command, PATIENCE);
    assert!(output.status.success(), "{}\n{}", output.status, text(&output));
    output
}

fn finished(mut command: Command, patience: Duration) -> Output {
    let (stdout, stderr) = (Stdio::piped(), Stdio::piped());
    let child = command.stdout(stdout).stderr(stderr).process_group(0).spawn().unwrap();
    let group = i32::try_from(child.id()).unwrap();
    let (send, recv) = mpsc::channel();
    thread::spawn(move || send.send(child.wait_with_output().unwrap()));
    recv.recv_timeout(patience).unwrap_or_else(|_| {
        // The thread would have told of its end: the number is still its own.
        assert_eq!(unsafe { libc::kill(-group, libc::SIGKILL) }, 0);
        panic!("hangs after {patience:?}\n{}", text(&recv.recv().unwrap()));
    })
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).join("\n")
}

#[test]
fn a_child_that_hangs_is_ended_and_shows_what_it_said() {
    let ended = std::panic::catch_unwind(|| {
        let mut command = Command::new("sh");
        command.args(["-c", "echo here it hangs; sleep 1000 & wait"]);
        finished(command, Duration::from_millis(500))
    });
    let message = ended.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("here it hangs"), "{message}");
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
