//! The table of the options: what each is called, what it takes, which sockets have it, and where the system
//! has it.

use super::id::*;
use crate::net::sys::option::{self as place, Place};
use bojagi_codec::texts;
use std::ffi::CStr;

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// BOJAGI_OPTION_: its number.
    pub id: u32,
    /// How the system takes its value.
    pub form: Form,
    /// The least value.
    pub min: i64,
    /// The largest value; of a text its length in bytes.
    pub max: i64,
    /// A sum of BOJAGI_ACCESS_READ, _SET and _INHERIT.
    pub access: u32,
    /// A sum of BOJAGI_KIND_: the sockets that have it.
    pub kinds: u32,
    /// Where it is, for IPv4 where the families differ.
    pub place: Option<Place>,
    /// Where it is for IPv6, where that is another place.
    pub place_v6: Option<Place>,
}

/// How the system takes the value of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// 0 or 1.
    Flag,
    /// A number that is never negative but for a -1.
    Integer,
    /// A number of 32 bits without a sign.
    Word,
    /// A number that reads larger than it was set.
    Buffer,
    /// SO_LINGER: whether, and how long.
    Linger,
    /// The upper six bits of a byte.
    Dscp,
    /// A text.
    Text,
    /// The name of an interface, whose number the system takes.
    Interface,
}

impl Row {
    /// BOJAGI_VALUE_BOOL, _INTEGER, _DURATION or _TEXT.
    pub fn value_type(&self) -> u32 {
        match self.form {
            Form::Flag => BOJAGI_VALUE_BOOL,
            Form::Text | Form::Interface => BOJAGI_VALUE_TEXT,
            _ if self.unit().to_bytes().ends_with(b"seconds") => BOJAGI_VALUE_DURATION,
            _ => BOJAGI_VALUE_INTEGER,
        }
    }

    /// Whether this system has it.
    pub fn is_available(&self) -> bool {
        self.place.is_some() || self.place_v6.is_some()
    }

    /// Its name, in lower case.
    pub fn c_name(&self) -> &'static CStr {
        self.text(0)
    }

    /// Its name, for a message.
    pub fn name(&self) -> &'static str {
        self.c_name().to_str().unwrap_or_default()
    }

    /// The unit of its value, or nothing.
    pub fn unit(&self) -> &'static CStr {
        self.text(1)
    }

    fn text(&self, which: usize) -> &'static CStr {
        let index = usize::try_from(self.id).ok().and_then(|id| id.checked_sub(1));
        index.and_then(|index| texts::nth(&TEXTS, index * 2 + which)).unwrap_or_default()
    }
}

/// A row with the texts that belong to it.
struct Named {
    name: &'static CStr,
    unit: &'static CStr,
    row: Row,
}

impl Named {
    /// The option for which nothing but its number, its name and its form is said.
    const fn new(id: u32, name: &'static CStr, form: Form) -> Self {
        let max = if matches!(form, Form::Flag) { 1 } else { INT_MAX };
        let access = BOJAGI_ACCESS_READ | BOJAGI_ACCESS_SET;
        let (min, kinds, place, place_v6) = (0, 0, None, None);
        Self { name, unit: c"", row: Row { id, form, min, max, access, kinds, place, place_v6 } }
    }

    const fn of(mut self, kinds: u32) -> Self {
        self.row.kinds = kinds;
        self
    }

    const fn range(mut self, min: i64, max: i64) -> Self {
        (self.row.min, self.row.max) = (min, max);
        self
    }

    const fn unit(self, unit: &'static CStr) -> Self {
        Self { unit, ..self }
    }

    const fn read_only(mut self) -> Self {
        self.row.access = BOJAGI_ACCESS_READ;
        self
    }

    const fn inherited(mut self) -> Self {
        self.row.access |= BOJAGI_ACCESS_INHERIT;
        self
    }

    const fn at(mut self, place: Option<Place>) -> Self {
        self.row.place = place;
        self
    }

    const fn at_either(mut self, place: Option<Place>, place_v6: Option<Place>) -> Self {
        (self.row.place, self.row.place_v6) = (place, place_v6);
        self
    }
}

/// The number of the option of that name.
pub fn find(name: &[u8]) -> Option<u32> {
    let index = TEXTS.split(|&byte| byte == 0).step_by(2).position(|text| text == name)?;
    TABLE.get(index).map(|row| row.id)
}

/// Every option, in the order of the numbers.
pub static TABLE: [Row; COUNT] = {
    let mut table = [OPTIONS[0].row; COUNT];
    let mut at = 0;
    while at < COUNT {
        table[at] = OPTIONS[at].row;
        at += 1;
    }
    table
};

/// The names and the units, joined: as pointers they would take more room than what they point to.
static TEXTS: [u8; texts::joined_len(&PAIRS)] = texts::join(&PAIRS);

const PAIRS: [(&CStr, &CStr); COUNT] = {
    let mut pairs = [(c"", c""); COUNT];
    let mut at = 0;
    while at < COUNT {
        pairs[at] = (OPTIONS[at].name, OPTIONS[at].unit);
        at += 1;
    }
    pairs
};

const COUNT: usize = OPTIONS.len();

/// What `TABLE` and `TEXTS` are made of.
const OPTIONS: &[Named] = {
    use Form::{Buffer, Dscp, Flag, Integer, Interface, Linger, Text, Word};
    &[
        Named::new(BOJAGI_OPTION_TYPE, c"type", Integer).read_only().of(ANY).at(place::TYPE),
        Named::new(BOJAGI_OPTION_FAMILY, c"family", Integer).read_only().of(ANY).at(place::FAMILY),
        Named::new(BOJAGI_OPTION_PROTOCOL, c"protocol", Integer)
            .read_only()
            .of(ANY)
            .at(place::PROTOCOL),
        Named::new(BOJAGI_OPTION_ACCEPTING, c"accepting", Flag)
            .read_only()
            .of(ANY)
            .at(place::ACCEPTING),
        Named::new(BOJAGI_OPTION_REUSE_ADDRESS, c"reuse_address", Flag)
            .of(IP)
            .at(place::REUSE_ADDRESS),
        Named::new(BOJAGI_OPTION_REUSE_PORT, c"reuse_port", Flag).of(IP).at(place::REUSE_PORT),
        Named::new(BOJAGI_OPTION_BROADCAST, c"broadcast", Flag).of(UDP).at(place::BROADCAST),
        Named::new(BOJAGI_OPTION_KEEPALIVE, c"keepalive", Flag)
            .of(TCP)
            .inherited()
            .at(place::KEEPALIVE),
        Named::new(BOJAGI_OPTION_KEEPALIVE_IDLE, c"keepalive_idle", Integer)
            .unit(c"seconds")
            .range(1, 32767)
            .of(TCP)
            .inherited()
            .at(place::KEEPALIVE_IDLE),
        Named::new(BOJAGI_OPTION_KEEPALIVE_INTERVAL, c"keepalive_interval", Integer)
            .unit(c"seconds")
            .range(1, 32767)
            .of(TCP)
            .inherited()
            .at(place::KEEPALIVE_INTERVAL),
        Named::new(BOJAGI_OPTION_KEEPALIVE_COUNT, c"keepalive_count", Integer)
            .unit(c"probes")
            .range(1, 127)
            .of(TCP)
            .inherited()
            .at(place::KEEPALIVE_COUNT),
        Named::new(BOJAGI_OPTION_USER_TIMEOUT, c"user_timeout", Integer)
            .unit(c"milliseconds")
            .of(TCP)
            .inherited()
            .at(place::USER_TIMEOUT),
        Named::new(BOJAGI_OPTION_LINGER, c"linger", Linger)
            .unit(c"seconds")
            .range(-1, INT_MAX)
            .of(TCP)
            .inherited()
            .at(place::LINGER),
        Named::new(BOJAGI_OPTION_SEND_BUFFER, c"send_buffer", Buffer)
            .unit(c"bytes")
            .range(1, INT_MAX / 2)
            .of(IP | UNIX)
            .inherited()
            .at(place::SEND_BUFFER),
        Named::new(BOJAGI_OPTION_RECV_BUFFER, c"recv_buffer", Buffer)
            .unit(c"bytes")
            .range(1, INT_MAX / 2)
            .of(IP)
            .inherited()
            .at(place::RECV_BUFFER),
        Named::new(BOJAGI_OPTION_NODELAY, c"nodelay", Flag).of(TCP).inherited().at(place::NODELAY),
        Named::new(BOJAGI_OPTION_CORK, c"cork", Flag).of(CONNECTION).at(place::CORK),
        Named::new(BOJAGI_OPTION_QUICKACK, c"quickack", Flag).of(CONNECTION).at(place::QUICKACK),
        Named::new(BOJAGI_OPTION_NOTSENT_LOWAT, c"notsent_lowat", Word)
            .unit(c"bytes")
            .range(0, UINT_MAX)
            .of(TCP)
            .inherited()
            .at(place::NOTSENT_LOWAT),
        Named::new(BOJAGI_OPTION_DSCP, c"dscp", Dscp)
            .range(0, 63)
            .of(IP)
            .inherited()
            .at_either(place::TOS, place::TCLASS),
        Named::new(BOJAGI_OPTION_TRAFFIC_CLASS, c"traffic_class", Integer)
            .range(0, 255)
            .of(UDP)
            .at_either(place::TOS, place::TCLASS),
        Named::new(BOJAGI_OPTION_CONGESTION, c"congestion", Text)
            .range(1, 15)
            .of(TCP)
            .inherited()
            .at(place::CONGESTION),
        Named::new(BOJAGI_OPTION_MARK, c"mark", Word)
            .range(0, UINT_MAX)
            .of(IP)
            .inherited()
            .at(place::MARK),
        Named::new(BOJAGI_OPTION_PRIORITY, c"priority", Word)
            .range(0, UINT_MAX)
            .of(IP)
            .at(place::PRIORITY),
        Named::new(BOJAGI_OPTION_V6ONLY, c"v6only", Flag).of(IP).at_either(None, place::V6ONLY),
        Named::new(BOJAGI_OPTION_FREEBIND, c"freebind", Flag)
            .of(IP)
            .inherited()
            .at_either(place::FREEBIND, place::FREEBIND_V6),
        Named::new(BOJAGI_OPTION_TRANSPARENT, c"transparent", Flag)
            .of(IP)
            .inherited()
            .at_either(place::TRANSPARENT, place::TRANSPARENT_V6),
        Named::new(BOJAGI_OPTION_BUSY_POLL, c"busy_poll", Integer)
            .unit(c"microseconds")
            .of(IP)
            .inherited()
            .at(place::BUSY_POLL),
        Named::new(BOJAGI_OPTION_PREFER_BUSY_POLL, c"prefer_busy_poll", Flag)
            .of(IP)
            .inherited()
            .at(place::PREFER_BUSY_POLL),
        Named::new(BOJAGI_OPTION_INCOMING_CPU, c"incoming_cpu", Integer)
            .range(-1, INT_MAX)
            .of(IP)
            .at(place::INCOMING_CPU),
        Named::new(BOJAGI_OPTION_RECV_LOWAT, c"recv_lowat", Integer)
            .unit(c"bytes")
            .range(1, INT_MAX)
            .of(TCP | BOJAGI_KIND_UNIX_STREAM)
            .inherited()
            .at(place::RECV_LOWAT),
        Named::new(BOJAGI_OPTION_MAX_SEGMENT, c"max_segment", Integer)
            .unit(c"bytes")
            .range(88, 32767)
            .of(TCP)
            .at(place::MAX_SEGMENT),
        Named::new(BOJAGI_OPTION_DEFER_ACCEPT, c"defer_accept", Integer)
            .unit(c"seconds")
            .range(0, 29887)
            .of(BOJAGI_KIND_TCP_LISTENER)
            .at(place::DEFER_ACCEPT),
        Named::new(BOJAGI_OPTION_FAST_OPEN, c"fast_open", Integer)
            .unit(c"connections")
            .of(BOJAGI_KIND_TCP_LISTENER)
            .at(place::FAST_OPEN),
        Named::new(BOJAGI_OPTION_PMTU_DISCOVERY, c"pmtu_discovery", Integer)
            .range(0, 5)
            .of(IP)
            .inherited()
            .at_either(place::PMTU_DISCOVERY, place::PMTU_DISCOVERY_V6),
        Named::new(BOJAGI_OPTION_MTU, c"mtu", Integer)
            .unit(c"bytes")
            .read_only()
            .of(CONNECTION | UDP)
            .at_either(place::MTU, place::MTU_V6),
        Named::new(BOJAGI_OPTION_TTL, c"ttl", Integer)
            .unit(c"hops")
            .range(1, 255)
            .of(IP)
            .inherited()
            .at_either(place::TTL, place::HOPS),
        Named::new(BOJAGI_OPTION_MIN_TTL, c"min_ttl", Integer)
            .unit(c"hops")
            .range(0, 255)
            .of(TCP)
            .inherited()
            .at_either(place::MIN_TTL, place::MIN_HOPS),
        Named::new(BOJAGI_OPTION_MULTICAST_TTL, c"multicast_ttl", Integer)
            .unit(c"hops")
            .range(0, 255)
            .of(UDP)
            .at_either(place::MULTICAST_TTL, place::MULTICAST_HOPS),
        Named::new(BOJAGI_OPTION_MULTICAST_LOOP, c"multicast_loop", Flag)
            .of(UDP)
            .at_either(place::MULTICAST_LOOP, place::MULTICAST_LOOP_V6),
        Named::new(BOJAGI_OPTION_MULTICAST_ALL, c"multicast_all", Flag)
            .of(UDP)
            .at_either(place::MULTICAST_ALL, place::MULTICAST_ALL_V6),
        Named::new(BOJAGI_OPTION_MULTICAST_INTERFACE, c"multicast_interface", Interface)
            .range(0, NAME_MAX)
            .of(UDP)
            .at_either(place::MULTICAST_INTERFACE, place::MULTICAST_INTERFACE_V6),
        Named::new(BOJAGI_OPTION_INTERFACE, c"interface", Text)
            .range(0, NAME_MAX)
            .of(IP)
            .inherited()
            .at(place::INTERFACE),
        Named::new(BOJAGI_OPTION_DONT_ROUTE, c"dont_route", Flag)
            .of(IP)
            .inherited()
            .at(place::DONT_ROUTE),
        Named::new(BOJAGI_OPTION_OOB_INLINE, c"oob_inline", Flag)
            .of(TCP)
            .inherited()
            .at(place::OOB_INLINE),
    ]
};

const CONNECTION: u32 = BOJAGI_KIND_TCP;
const TCP: u32 = BOJAGI_KIND_TCP | BOJAGI_KIND_TCP_LISTENER;
const UDP: u32 = BOJAGI_KIND_UDP;
const IP: u32 = TCP | UDP;
const UNIX: u32 = BOJAGI_KIND_UNIX_STREAM | BOJAGI_KIND_UNIX_DATAGRAM | BOJAGI_KIND_UNIX_SEQPACKET;
const ANY: u32 = IP | UNIX | BOJAGI_KIND_UNIX_LISTENER;

const INT_MAX: i64 = i32::MAX as i64;
const UINT_MAX: i64 = u32::MAX as i64;
/// IFNAMSIZ without its NUL.
const NAME_MAX: i64 = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_from_one_and_names_are_unique() {
        for (index, row) in TABLE.iter().enumerate() {
            let name = row.name();
            assert_eq!(usize::try_from(row.id).unwrap(), index + 1, "{name}");
            assert!(row.kinds != 0 && row.min <= row.max, "{name}");
            assert_eq!(find(name.as_bytes()), Some(row.id), "{name}");
        }
    }
}
