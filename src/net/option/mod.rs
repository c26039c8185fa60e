//! The options of sockets and listeners, by number or by name.
//!
//! [`table`] says of each option what it takes; everything else here follows from that. A value is checked
//! before the system sees it, and what goes wrong names the option. Where IPv4 and IPv6 have an option each,
//! a socket for both families gets both.

pub mod id;
pub mod table;
pub mod value;

use super::socket::Kind;
use super::sys::option::Place;
use super::sys::{name, option};
use crate::error::{Error, Stage, Subject};
use id::*;
use socket2::Socket;
use std::ffi::{CString, c_int};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;
use table::{Form, Row, TABLE};

/// The longest text of an option and its NUL.
pub const TEXT_MAX: usize = 16;

/// A socket that has options.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The socket.
    pub socket: &'a Socket,
    /// One BOJAGI_KIND_.
    pub kind: u32,
    /// Of a socket that was just made: whether it is one of IPv6.
    fresh: Option<bool>,
}

impl Target<'_> {
    /// Sets an option to a number.
    pub fn set(&self, id: u32, value: i64) -> Result<(), Error> {
        let row = row(id)?;
        self.set_number(row, value).map_err(|error| about(row, error))
    }

    /// Reads an option that is a number.
    pub fn read(&self, id: u32) -> Result<i64, Error> {
        let row = row(id)?;
        self.read_number(row).map_err(|error| about(row, error))
    }

    /// Sets an option to a text.
    pub fn set_text(&self, id: u32, value: &[u8]) -> Result<(), Error> {
        let row = row(id)?;
        self.set_name(row, value).map_err(|error| about(row, error))
    }

    /// Reads an option that is a text.
    pub fn read_text(&self, id: u32) -> Result<Vec<u8>, Error> {
        let row = row(id)?;
        self.read_name(row).map_err(|error| about(row, error))
    }

    #[inline(never)]
    fn set_number(&self, row: &Row, value: i64) -> Result<(), Error> {
        let places = self.places(row, BOJAGI_ACCESS_SET)?;
        check_number(row, value)?;
        let is_first = self.fresh.is_some() || row.id != BOJAGI_OPTION_MAX_SEGMENT;
        if !is_first && self.socket.peer_addr().is_ok() {
            return Err(Error::state("the connection is made; set it before"));
        }
        self.set_places(places, &|fd, place| self.write(row, fd, place, value))
    }

    fn read_number(&self, row: &Row) -> Result<i64, Error> {
        let [place, _] = self.places(row, BOJAGI_ACCESS_READ)?;
        if is_text(row) {
            return Err(Error::argument(TAKES_TEXT));
        }
        let place = place.ok_or_else(|| Error::unsupported(NOT_HERE))?;
        if row.form == Form::Linger {
            let time = self.socket.linger()?;
            return Ok(time.map_or(-1, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX)));
        }
        let value = option::read(self.socket.as_fd(), place)?;
        Ok(match row.form {
            Form::Flag => i64::from(value != 0),
            Form::Word => i64::from(value.cast_unsigned()),
            Form::Buffer => i64::from(value / option::BUFFER_FACTOR),
            Form::Dscp => i64::from(value >> 2),
            _ => i64::from(value),
        })
    }

    #[inline(never)]
    fn set_name(&self, row: &Row, value: &[u8]) -> Result<(), Error> {
        let places = self.places(row, BOJAGI_ACCESS_SET)?;
        check_text(row, value.len())?;
        if row.form == Form::Text {
            return self.set_places(places, &|fd, place| option::set_bytes(fd, place, value));
        }
        let index = interface(value)?;
        self.set_places(places, &|fd, place| option::set_multicast_interface(fd, place, index))
    }

    fn read_name(&self, row: &Row) -> Result<Vec<u8>, Error> {
        let [place, other] = self.places(row, BOJAGI_ACCESS_READ)?;
        if !is_text(row) {
            return Err(Error::argument(TAKES_NUMBER));
        }
        let place = place.ok_or_else(|| Error::unsupported(NOT_HERE))?;
        if row.form == Form::Interface {
            if other.is_none() {
                return Err(Error::unsupported("the system does not tell it of an IPv4 socket"));
            }
            let index = option::read(self.socket.as_fd(), place)?;
            return Ok(name::interface_name(index.cast_unsigned()).unwrap_or_default());
        }
        let mut text = [0; TEXT_MAX];
        let len = option::read_bytes(self.socket.as_fd(), place, &mut text)?;
        let text = text.get(..len).unwrap_or_default();
        Ok(text.split(|&byte| byte == 0).next().unwrap_or_default().to_vec())
    }

    /// Where this socket has the option: the place to read it from, and another one to set as well.
    fn places(&self, row: &Row, access: u32) -> Result<[Option<Place>; 2], Error> {
        permits(row, self.kind, access)?;
        if row.place_v6.is_none() {
            return Ok([row.place, None]);
        }
        let is_ipv6 = match self.fresh {
            Some(is_ipv6) => is_ipv6,
            None => self.socket.local_addr()?.is_ipv6(),
        };
        if is_ipv6 {
            return Ok([row.place_v6, row.place]);
        }
        let place = row.place.ok_or_else(|| Error::unsupported("only an IPv6 socket has it"))?;
        Ok([Some(place), None])
    }

    /// Sets a number, which is in the range of its option, in one place.
    fn write(&self, row: &Row, fd: BorrowedFd<'_>, place: Place, value: i64) -> io::Result<()> {
        let number = match row.form {
            Form::Word => u32::try_from(value).unwrap_or(u32::MAX).cast_signed(),
            _ => c_int::try_from(value).unwrap_or(c_int::MAX),
        };
        match row.form {
            Form::Linger => {
                let time = u64::try_from(value).ok().map(Duration::from_secs);
                socket2::SockRef::from(&fd).set_linger(time)
            }
            // The two lowest bits are ECN's, and are left as they are. Nobody has set those of a new TCP
            // socket.
            Form::Dscp if self.fresh.is_some() && self.kind != BOJAGI_KIND_UDP => {
                option::set(fd, place, number << 2)
            }
            Form::Dscp => option::set(fd, place, number << 2 | (option::read(fd, place)? & 3)),
            _ => option::set(fd, place, number),
        }
    }

    #[inline(never)]
    fn set_places(
        &self,
        places: [Option<Place>; 2],
        set: &dyn Fn(BorrowedFd<'_>, Place) -> io::Result<()>,
    ) -> Result<(), Error> {
        for place in places.into_iter().flatten() {
            set(self.socket.as_fd(), place)?;
        }
        Ok(())
    }
}

/// One BOJAGI_KIND_, of a socket that is no listener.
pub fn kind(is_unix: bool, kind: Kind) -> u32 {
    match (is_unix, kind) {
        (false, Kind::Datagram) => BOJAGI_KIND_UDP,
        (false, _) => BOJAGI_KIND_TCP,
        (true, Kind::Stream) => BOJAGI_KIND_UNIX_STREAM,
        (true, Kind::Datagram) => BOJAGI_KIND_UNIX_DATAGRAM,
        (true, Kind::Seqpacket) => BOJAGI_KIND_UNIX_SEQPACKET,
    }
}

impl super::Socket {
    /// The options of the socket.
    pub fn options(&self) -> Result<Target<'_>, Error> {
        self.check().map_err(|error| self.error(Stage::Socket, error))?;
        Ok(Target { socket: &self.system, kind: self.option_kind(), fresh: None })
    }

    /// One BOJAGI_KIND_.
    pub(super) fn option_kind(&self) -> u32 {
        kind(self.is_unix, self.kind)
    }
}

impl super::Listener {
    /// The options of the listener.
    pub fn options(&self) -> Result<Target<'_>, Error> {
        self.check().map_err(|error| self.error(Stage::Socket, error))?;
        let kind = if self.is_unix { BOJAGI_KIND_UNIX_LISTENER } else { BOJAGI_KIND_TCP_LISTENER };
        Ok(Target { socket: &self.system, kind, fresh: None })
    }
}

fn row(id: u32) -> Result<&'static Row, Error> {
    let index = id.checked_sub(1).and_then(|index| usize::try_from(index).ok());
    index.and_then(|index| TABLE.get(index)).ok_or_else(|| {
        Error::unsupported("no option has this number; bojagi_option_describe lists them")
            .at(Stage::Socket)
            .about(Subject::OptionId(id))
    })
}

/// Whether sockets of a kind have an option, and this system lets one do that with it.
#[inline(never)]
fn permits(row: &Row, kind: u32, access: u32) -> Result<(), Error> {
    if !row.is_available() {
        return Err(Error::unsupported(NOT_HERE));
    }
    if row.kinds & kind == 0 {
        return Err(Error::unsupported(NOT_OF_THIS_KIND));
    }
    if row.access & access == 0 {
        return Err(Error::unsupported("it can only be read"));
    }
    Ok(())
}

#[inline(never)]
fn check_number(row: &Row, value: i64) -> Result<(), Error> {
    if is_text(row) {
        return Err(Error::argument(TAKES_TEXT));
    }
    if value < row.min || value > row.max {
        let Row { min, max, .. } = row;
        let unit = row.unit().to_str().unwrap_or_default();
        let space = if unit.is_empty() { "" } else { " " };
        return Err(Error::wrong(format_args!(
            "{value} is out of range; pass {min} to {max}{space}{unit}"
        )));
    }
    Ok(())
}

#[inline(never)]
fn check_text(row: &Row, len: usize) -> Result<(), Error> {
    if !is_text(row) {
        return Err(Error::argument(TAKES_NUMBER));
    }
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    if len < row.min || len > row.max {
        let Row { min, max, .. } = row;
        return Err(Error::wrong(format_args!(
            "a text of {len} bytes is none of its values; pass {min} to {max} bytes"
        )));
    }
    Ok(())
}

fn is_text(row: &Row) -> bool {
    matches!(row.form, Form::Text | Form::Interface)
}

/// The number of an interface; 0 for no name.
fn interface(value: &[u8]) -> Result<c_int, Error> {
    if value.is_empty() {
        return Ok(0);
    }
    let index = CString::new(value).ok().and_then(|text| name::interface(&text));
    index.and_then(|index| c_int::try_from(index).ok()).ok_or_else(|| Error::argument(NO_INTERFACE))
}

/// A failure names its option, and says what the system's word for it means here.
#[inline(never)]
fn about(row: &'static Row, error: Error) -> Error {
    meaning(row, error).at(Stage::Socket).about(Subject::Option(row.name()))
}

/// A failure, in which the system's word for it says what it means here.
#[inline(never)]
fn meaning(row: &Row, error: Error) -> Error {
    match error.cause().os_error() {
        libc::ENOPROTOOPT | libc::EOPNOTSUPP => Error::unsupported(NOT_HERE),
        libc::ENODEV => Error::argument(NO_INTERFACE),
        libc::ENOENT => Error::argument("the system has no such algorithm; pass one that it has"),
        libc::EINVAL if row.id == BOJAGI_OPTION_V6ONLY => {
            Error::state("the socket is bound already; set it before that")
        }
        _ => error,
    }
}

const TAKES_TEXT: &str = "its value is a text; pass one";
const TAKES_NUMBER: &str = "its value is a number; pass one";
const NOT_HERE: &str = "this system does not have it; go on without";
const NOT_OF_THIS_KIND: &str =
    "this kind of socket does not have it; bojagi_option_info.kinds says which do";
const NO_INTERFACE: &str = "there is no such interface; pass the name of one";
