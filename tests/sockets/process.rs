//! Tests that need a process of their own run their own executable again.

use std::env;
use std::process::{Command, Output};

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

/// Waits until a thread of this process sleeps in the system.
pub fn until_asleep(thread: i32) {
    let file = format!("/proc/self/task/{thread}/stat");
    loop {
        let stat = std::fs::read_to_string(&file).unwrap();
        if stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('S')) {
            return;
        }
        std::thread::yield_now();
    }
}

/// The system's number of this thread.
pub fn thread_id() -> i32 {
    unsafe { libc::gettid() }
}
