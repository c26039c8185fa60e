//! Unix sockets of both kinds, with paths and abstract names.

use crate::array::Array;
use crate::handle::*;
use crate::peer::abstract_name;
use crate::process;
use std::fs;
use std::path::Path;

/// A path that no other test has; the file and its directory go with it.
struct Place(String);

impl Place {
    fn new() -> Self {
        let directory = std::env::temp_dir().join(abstract_name().replace('@', ""));
        fs::create_dir(&directory).unwrap();
        Self(directory.join("s").to_str().unwrap().to_owned())
    }

    fn exists(&self) -> bool {
        Path::new(&self.0).symlink_metadata().is_ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(Path::new(&self.0).parent().unwrap());
    }
}

#[test]
fn stream_over_a_path_and_an_abstract_name() {
    let place = Place::new();
    for name in [place.0.clone(), abstract_name()] {
        let listener = Listener::unix(&name, PLAIN).unwrap();
        assert_eq!(text(&listener.local()), format!("unix:{name}"));
        let client = Socket::unix(&name, PLAIN, 1000).unwrap();
        let server = listener.accept(1000).unwrap();
        assert_eq!(client.send(b"ping", 1000), 4);
        assert_eq!(server.recv(&mut [0; 8], 1000), 4);
        assert_eq!(text(&client.peer().unwrap()), format!("unix:{name}"));
        assert_eq!(text(&server.peer().unwrap()), "unix:");
    }
    assert!(!place.exists());
}

#[test]
fn datagram_over_a_path_and_an_abstract_name() {
    let place = Place::new();
    for name in [place.0.clone(), abstract_name()] {
        let server = Socket::unix_datagram_bind(Some(&name)).unwrap();
        let client = Socket::unix_datagram(&name, PLAIN).unwrap();
        assert_eq!(client.send(b"ping", 1000), 4);
        let (len, from) = server.recv_from(&mut [0; 8], 1000);
        assert_eq!((len, from.len, text(&from)), (4, 0, "unix:".to_owned()));
        assert_eq!(server.send_to(b"x", &from, 1000), BOJAGI_E_ARG);

        let back = abstract_name();
        let named = Socket::unix_datagram_bind(Some(&back)).unwrap();
        assert_eq!(named.send_to(b"0123456789", &unix_address(&name).unwrap(), 1000), 10);
        let (len, from) = server.recv_from(&mut [0; 4], 1000);
        assert_eq!((len, text(&from)), (BOJAGI_E_SPACE, format!("unix:{back}")));
        assert_eq!(last_error().offset, 10);
        assert_eq!(server.send_to(b"", &from, 1000), 0);
        assert_eq!(named.recv(&mut [0; 1], 1000), 0);
    }
    assert!(!place.exists());
}

#[test]
fn path_that_exists_is_in_use_and_stays() {
    let place = Place::new();
    fs::write(&place.0, "mine").unwrap();
    assert_eq!(Listener::unix(&place.0, PLAIN).err(), Some(BOJAGI_E_IN_USE));
    assert_eq!(fs::read(&place.0).unwrap(), b"mine");
}

#[test]
fn path_of_somebody_else_is_not_removed() {
    let place = Place::new();
    let listener = Listener::unix(&place.0, PLAIN).unwrap();
    fs::rename(&place.0, format!("{}.old", place.0)).unwrap();
    fs::write(&place.0, "theirs").unwrap();
    drop(listener);
    assert_eq!(fs::read(&place.0).unwrap(), b"theirs");
}

#[test]
fn forked_child_does_not_remove_the_path() {
    let test = "unix::forked_child_does_not_remove_the_path";
    if !process::is_child(test) {
        process::succeeds(process::child(test));
        return;
    }
    let place = Place::new();
    let listener = Listener::unix(&place.0, PLAIN).unwrap();
    let child = unsafe { libc::fork() };
    if child == 0 {
        unsafe { bojagi::capi::listener::bojagi_listener_free(listener.0) };
        unsafe { libc::_exit(0) };
    }
    let mut status = -1;
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert!(status == 0 && place.exists());
    drop(listener);
    assert!(!place.exists());
}

#[test]
fn path_that_is_too_long_names_the_limit() {
    let longest = format!("@{}", "x".repeat(106));
    assert!(unix_address(&longest).is_ok());
    let listener = Listener::unix(&longest, PLAIN).unwrap();
    assert_eq!(text(&listener.local()), format!("unix:{longest}"));
    for path in [format!("{longest}x"), "/".repeat(108)] {
        assert_eq!(Listener::unix(&path, PLAIN).err(), Some(BOJAGI_E_ARG));
        assert!(last_error().text().contains("at most 107"), "{}", last_error().text());
        assert_eq!(unix_address(&path).err(), Some(BOJAGI_E_ARG));
    }
    assert_eq!(unix_address("").err(), Some(BOJAGI_E_ARG));
}

#[test]
fn nobody_listening_is_refused_and_the_other_kind_unsupported() {
    let place = Place::new();
    assert_eq!(Socket::unix(&place.0, PLAIN, 1000).err(), Some(BOJAGI_E_REFUSED));
    assert!(last_error().text().contains("check the path"), "{}", last_error().text());
    assert_eq!(Socket::unix(&abstract_name(), PLAIN, 1000).err(), Some(BOJAGI_E_REFUSED));
    assert_eq!(Socket::unix_datagram(&place.0, PLAIN).err(), Some(BOJAGI_E_REFUSED));
    let _datagram = Socket::unix_datagram_bind(Some(&place.0)).unwrap();
    assert_eq!(Socket::unix(&place.0, PLAIN, 1000).err(), Some(BOJAGI_E_UNSUPPORTED));
}

/// Other programs may fill sun_path to its last byte, without a NUL (unix(7)).
#[test]
fn a_sender_whose_path_fills_the_address_is_named_by_every_receive() {
    let place = Place::new();
    let directory = Path::new(&place.0).parent().unwrap().to_str().unwrap();
    let path = format!("{directory}/{}", "x".repeat(107 - directory.len()));
    assert_eq!(path.len(), 108);
    let mut name: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    name.sun_family = libc::sa_family_t::try_from(libc::AF_UNIX).unwrap();
    for (to, from) in name.sun_path.iter_mut().zip(path.bytes()) {
        *to = std::ffi::c_char::from_ne_bytes([from]);
    }
    let to = abstract_name();
    let server = Socket::unix_datagram_bind(Some(&to)).unwrap();
    let client = Socket::unix_datagram(&to, PLAIN).unwrap();
    let len = libc::socklen_t::try_from(size_of_val(&name)).unwrap();
    assert_eq!(unsafe { libc::bind(client.fd(), (&raw const name).cast(), len) }, 0);
    assert_eq!(text(&client.local()), format!("unix:{path}"));
    assert_eq!((client.send(b"one", 1000), client.send(b"two", 1000)), (3, 3));
    let (got, from) = server.recv_from(&mut [0; 8], 1000);
    assert_eq!((got, text(&from)), (3, format!("unix:{path}")));
    let mut room = Array::room(1, 8);
    assert_eq!(room.recv(&server, 1000), 1);
    assert_eq!(text(&room.datagrams[0].peer), format!("unix:{path}"));
    for peer in [from, room.datagrams[0].peer] {
        assert_eq!(server.send_to(b"back", &peer, 1000), 4);
        assert_eq!(client.recv(&mut [0; 8], 1000), 4);
    }
}
