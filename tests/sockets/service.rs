//! Descriptors from a service manager, as a program started by one finds them.

use crate::handle::{Listener, Socket, *};
use crate::process::{child, is_child};
use bojagi::capi::service::*;
use std::ffi::CStr;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Output;
use std::ptr::null_mut;

/// Runs the test as a service manager starts a program: `fds` are 3, 4 ..., and the environment says so.
/// "SELF" stands for the number of the process.
fn start(test: &str, fds: &[RawFd], environment: &[(&str, &str)]) -> Output {
    let mut command = child(test);
    let mut pid = false;
    for (name, value) in environment {
        match *value {
            "SELF" => pid = true,
            value => drop(command.env(name, value)),
        }
    }
    if pid {
        // Its number is only known there; the shell keeps it through exec.
        let program = command.get_program().to_owned();
        let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        let kept: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        command = std::process::Command::new("sh");
        command.args(["-c", "LISTEN_PID=$$ exec \"$0\" \"$@\""]).arg(program).args(arguments);
        command.envs(kept);
    }
    let fds = fds.to_vec();
    let place = move || {
        // Out of the way first, since one may have the number of another.
        let high: Vec<_> =
            fds.iter().map(|&fd| unsafe { libc::fcntl(fd, libc::F_DUPFD, 100) }).collect();
        for (number, fd) in (3..).zip(high) {
            unsafe { libc::dup2(fd, number) };
            unsafe { libc::close(fd) };
        }
        Ok(())
    };
    unsafe { command.pre_exec(place) };
    command.output().unwrap()
}

fn check(output: &Output) {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "{out}");
}

fn name(index: u32) -> Result<String, i64> {
    let mut out = [0; 32];
    match unsafe { bojagi_listen_fd_name(index, out.as_mut_ptr(), out.len()) } {
        len @ 0.. => {
            let text = unsafe { CStr::from_ptr(out.as_ptr()) }.to_str().unwrap().to_owned();
            assert_eq!(i64::try_from(text.len()), Ok(len));
            Ok(text)
        }
        code => Err(code),
    }
}

fn count() -> i64 {
    unsafe { bojagi_listen_fds(null_mut(), 0) }
}

#[test]
fn takes_over_what_the_manager_passed_under_its_names() {
    let test = "service::takes_over_what_the_manager_passed_under_its_names";
    if !is_child(test) {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let _client = TcpStream::connect(tcp.local_addr().unwrap()).unwrap();
        udp.send_to(b"hi", udp.local_addr().unwrap()).unwrap();
        let environment =
            [("LISTEN_PID", "SELF"), ("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "web:time")];
        check(&start(test, &[tcp.as_raw_fd(), udp.as_raw_fd()], &environment));
        return;
    }
    assert_eq!(count(), 2);
    let mut fds = [-9i64; 3];
    assert_eq!(unsafe { bojagi_listen_fds(fds.as_mut_ptr(), 1) }, 2);
    assert_eq!(fds, [3, -9, -9], "as far as there is room");
    assert_eq!(unsafe { bojagi_listen_fds(fds.as_mut_ptr(), 3) }, 2);
    assert_eq!(fds, [3, 4, -9]);
    for fd in [3, 4] {
        assert_eq!(unsafe { libc::fcntl(fd, libc::F_GETFD) }, libc::FD_CLOEXEC);
    }
    assert_eq!([name(0), name(1)], [Ok("web".to_owned()), Ok("time".to_owned())]);
    assert_eq!(name(2), Err(BOJAGI_E_ARG));
    assert_eq!(name(u32::MAX), Err(BOJAGI_E_ARG));
    assert_eq!(unsafe { bojagi_listen_fd_name(1, null_mut(), 0) }, 4);
    assert_eq!(unsafe { bojagi_listen_fd_name(1, [0; 4].as_mut_ptr(), 4) }, BOJAGI_E_SPACE);
    let listener = Listener::from_fd(3, PLAIN).unwrap();
    assert!(listener.accept(1000).is_ok());
    let socket = Socket::from_fd(4, PLAIN).unwrap();
    assert_eq!(socket.recv(&mut [0; 8], 1000), 2);
    drop(socket);
    assert_eq!(count(), BOJAGI_E_ARG, "what was passed is closed now");
    assert!(last_error().text().contains("descriptor 4"), "{}", last_error().text());
}

#[test]
fn nothing_is_passed_to_a_child_or_without_a_manager() {
    let test = "service::nothing_is_passed_to_a_child_or_without_a_manager";
    if !is_child(test) {
        let parent = std::process::id().to_string();
        check(&start(test, &[], &[]));
        check(&start(test, &[], &[("LISTEN_FDS", "2")]));
        check(&start(test, &[], &[("LISTEN_PID", &parent), ("LISTEN_FDS", "2")]));
        check(&start(test, &[], &[("LISTEN_PID", "SELF")]));
        return;
    }
    assert_eq!(count(), 0);
    assert_eq!(name(0), Err(BOJAGI_E_ARG));
}

#[test]
fn wrong_values_are_an_error_that_names_the_variable() {
    let test = "service::wrong_values_are_an_error_that_names_the_variable";
    if !is_child(test) {
        let own = ("LISTEN_PID", "SELF");
        let cases: [(&str, &[(&str, &str)]); 6] = [
            ("LISTEN_PID", &[("LISTEN_PID", "me"), ("LISTEN_FDS", "1")]),
            ("LISTEN_FDS", &[own, ("LISTEN_FDS", "two")]),
            ("LISTEN_FDS", &[own, ("LISTEN_FDS", "-1")]),
            ("LISTEN_FDS", &[own, ("LISTEN_FDS", "0")]),
            ("LISTEN_FDS", &[own, ("LISTEN_FDS", "2000000000")]),
            ("LISTEN_FDNAMES", &[own, ("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", "a:b")]),
        ];
        let file = std::fs::File::open("/proc/self/exe").unwrap();
        for (named, environment) in cases {
            let environment = [environment, &[("BOJAGI_TEST_NAMED", named)]].concat();
            check(&start(test, &[file.as_raw_fd()], &environment));
        }
        return;
    }
    let named = std::env::var("BOJAGI_TEST_NAMED").unwrap();
    let mut fds = [-9i64; 1];
    assert_eq!(unsafe { bojagi_listen_fds(fds.as_mut_ptr(), 1) }, BOJAGI_E_ARG);
    assert!(last_error().text().contains(&named), "{}", last_error().text());
    assert_eq!(fds, [-9]);
    assert_eq!(unsafe { bojagi_listen_fds(null_mut(), 1) }, BOJAGI_E_ARG);
}
