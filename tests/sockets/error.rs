//! The last failure of a thread.

use crate::handle::*;
use bojagi::capi::error::*;
use bojagi::net::option::id::BOJAGI_KIND_UNIX_STREAM;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::thread;

#[test]
fn belongs_to_its_thread_and_outlives_successes() {
    thread::spawn(|| {
        let mut record = ErrorRecord::default();
        assert_eq!(unsafe { bojagi_error_last(&mut record) }, 0);
        assert_eq!((record.code, record.text().as_str()), (0, ""));
        assert_eq!(unsafe { bojagi_error_attempt(0, &mut record) }, BOJAGI_E_ARG);
        assert!(Socket::tcp("127.0.0.1", 65_536, PLAIN, 0).is_err());
        let _listener = Listener::tcp("127.0.0.1", PLAIN).unwrap();
        assert_eq!(i64::from(last_error().code), BOJAGI_E_ARG);
        thread::spawn(|| assert_eq!(last_error().code, 0)).join().unwrap();
    })
    .join()
    .unwrap();
}

#[test]
fn names_stage_subject_and_what_to_do() {
    let (client, _server) = tcp_pair(PLAIN);
    let peer = text(&client.peer().unwrap());
    assert_eq!(client.recv(&mut [0; 1], 1), BOJAGI_E_TIMEOUT);
    let error = last_error();
    assert_eq!(error.stage, BOJAGI_STAGE_RECV);
    assert_eq!(
        error.text(),
        format!("recv from {peer}: the time budget ran out; call again or allow more time")
    );
}

#[test]
fn tells_each_address_that_was_tried() {
    let port = crate::tcp::closed_port();
    assert_eq!(Socket::tcp("127.0.0.1", port, PLAIN, 1000).err(), Some(BOJAGI_E_REFUSED));
    let mut record = ErrorRecord::default();
    assert_eq!(unsafe { bojagi_error_attempt(0, &mut record) }, 0);
    assert_eq!(i64::from(record.code), BOJAGI_E_REFUSED);
    assert_eq!((record.stage, record.os_error), (BOJAGI_STAGE_CONNECT, libc::ECONNREFUSED));
    assert!(record.text().starts_with(&format!("127.0.0.1:{port}: ")), "{}", record.text());
    assert_eq!(unsafe { bojagi_error_attempt(1, &mut record) }, BOJAGI_E_ARG);
    assert_eq!(unsafe { bojagi_error_attempt(u32::MAX, &mut record) }, BOJAGI_E_ARG);
    assert_eq!(i64::from(last_error().code), BOJAGI_E_REFUSED, "asking records nothing");
}

#[test]
fn copies_no_more_than_the_struct_has() {
    assert_eq!(unsafe { bojagi_error_last(null_mut()) }, BOJAGI_E_ARG);
    let mut record = ErrorRecord { size: 0, code: 77, ..ErrorRecord::default() };
    assert_eq!(unsafe { bojagi_error_last(&mut record) }, BOJAGI_E_ARG);
    assert_eq!(record.code, 77);
    let mut larger = [ErrorRecord::default(), ErrorRecord { code: 77, ..ErrorRecord::default() }];
    larger[0].size *= 2;
    assert_eq!(unsafe { bojagi_error_last(larger.as_mut_ptr()) }, 0);
    assert_eq!((larger[0].size, larger[1].code), (2 * larger[1].size, 77));
}

#[test]
fn every_code_has_a_name_and_a_text() {
    let read = |pointer| unsafe { CStr::from_ptr(pointer) }.to_str().unwrap();
    assert_eq!(read(bojagi_error_name(BOJAGI_E_TIMEOUT)), "TIMEOUT");
    assert_eq!(read(bojagi_error_name(12)), "OK");
    assert_eq!(read(bojagi_error_name(-1)), "UNKNOWN");
    assert_eq!(read(bojagi_error_name(i64::MIN)), "UNKNOWN");
    let mut names: Vec<_> =
        (BOJAGI_E_PANIC..=BOJAGI_E_ARG).map(|code| read(bojagi_error_name(code))).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), names.contains(&"UNKNOWN")), (21, false));
    for code in BOJAGI_E_PANIC..=1 {
        let text = read(bojagi_error_text(code));
        assert!(!text.is_empty() && !text.contains('\n'));
    }
}

#[test]
fn an_odd_path_leaves_room_for_what_to_do() {
    for letter in [b'\x01', b'\n', b'\xff', b'a'] {
        let path = std::ffi::CString::new(vec![letter; 107]).unwrap();
        let mut out = null_mut();
        let code = unsafe {
            bojagi::capi::connect::bojagi_unix_connect(path.as_ptr(), std::ptr::null(), 0, &mut out)
        };
        assert!(code < 0);
        let text = last_error().text();
        assert!(text.len() < 256 && !text.contains('\n'), "{text:?}");
        assert!(text.contains("check the path"), "{text}");
    }
}

#[test]
fn a_peer_without_a_name_is_not_named() {
    let (one, _other) = crate::option_handle::pair(BOJAGI_KIND_UNIX_STREAM, PLAIN).unwrap();
    assert_eq!(one.recv(&mut [0; 1], 0), BOJAGI_E_AGAIN);
    assert!(last_error().text().starts_with("recv: this would"), "{}", last_error().text());
}
