//! The options of the C ABI for tests: of a socket or a listener alike, and what the system itself says.

use crate::handle::*;
use bojagi::capi::option::*;
use bojagi::capi::unix::bojagi_unix_pair;
use bojagi::net::option::id::*;
use std::ffi::{CStr, c_char};
use std::ptr::null_mut;

/// A socket or a listener.
pub enum Any {
    Socket(Socket),
    Listener(Listener),
}

/// What the table says of an option.
#[derive(Clone, Debug)]
pub struct Info {
    pub id: u32,
    pub name: &'static str,
    pub unit: &'static str,
    pub value_type: u32,
    pub flags: u32,
    pub kinds: u32,
    pub min: i64,
    pub max: i64,
}

impl Info {
    pub fn can(&self, access: u32) -> bool {
        self.flags & access != 0
    }

    pub fn is_text(&self) -> bool {
        self.value_type == BOJAGI_VALUE_TEXT
    }
}

impl Any {
    pub fn set(&self, option: u32, value: i64) -> i64 {
        match self {
            Self::Socket(it) => unsafe { bojagi_socket_set_option(it.0, option, value) },
            Self::Listener(it) => unsafe { bojagi_listener_set_option(it.0, option, value) },
        }
    }

    pub fn read(&self, option: u32) -> Result<i64, i64> {
        let mut out = i64::MIN;
        let result = match self {
            Self::Socket(it) => unsafe { bojagi_socket_option(it.0, option, &mut out) },
            Self::Listener(it) => unsafe { bojagi_listener_option(it.0, option, &mut out) },
        };
        if result == 0 {
            return Ok(out);
        }
        assert_eq!(out, i64::MIN, "written on failure");
        Err(result)
    }

    pub fn set_text(&self, option: u32, value: &str) -> i64 {
        let value = c(value);
        let at = value.as_ptr();
        match self {
            Self::Socket(it) => unsafe { bojagi_socket_set_option_text(it.0, option, at) },
            Self::Listener(it) => unsafe { bojagi_listener_set_option_text(it.0, option, at) },
        }
    }

    pub fn read_text(&self, option: u32) -> Result<String, i64> {
        let mut out = [0 as c_char; 16];
        let (at, cap) = (out.as_mut_ptr(), out.len());
        let result = match self {
            Self::Socket(it) => unsafe { bojagi_socket_option_text(it.0, option, at, cap) },
            Self::Listener(it) => unsafe { bojagi_listener_option_text(it.0, option, at, cap) },
        };
        let Ok(len) = usize::try_from(result) else { return Err(result) };
        let text = unsafe { CStr::from_ptr(out.as_ptr()) }.to_str().unwrap().to_owned();
        assert_eq!(text.len(), len);
        Ok(text)
    }

    pub fn fd(&self) -> i32 {
        match self {
            Self::Socket(it) => it.fd(),
            Self::Listener(it) => it.fd(),
        }
    }

    pub fn socket(&self) -> &Socket {
        match self {
            Self::Socket(it) => it,
            Self::Listener(_) => panic!("not a socket"),
        }
    }

    pub fn listener(&self) -> &Listener {
        match self {
            Self::Listener(it) => it,
            Self::Socket(_) => panic!("not a listener"),
        }
    }
}

pub fn count() -> u32 {
    bojagi_option_count()
}

pub fn infos() -> impl Iterator<Item = Info> {
    (0..count()).map(|index| {
        let mut out = unsafe { std::mem::zeroed::<OptionInfo>() };
        unsafe { bojagi_option_info_init(&mut out) };
        assert_eq!(unsafe { bojagi_option_describe(index, &mut out) }, 0);
        let text = |at| unsafe { CStr::from_ptr(at) }.to_str().unwrap();
        let (name, unit) = (text(out.name), text(out.unit));
        let OptionInfo { id, value_type, flags, kinds, min, max, .. } = out;
        Info { id, name, unit, value_type, flags, kinds, min, max }
    })
}

pub fn find(name: &str) -> i64 {
    let name = c(name);
    unsafe { bojagi_option_find(name.as_ptr()) }
}

pub fn pair(kind: u32, options: Options) -> Result<(Socket, Socket), i64> {
    let options = options.connect();
    let (mut one, mut other) = (null_mut(), null_mut());
    match unsafe { bojagi_unix_pair(kind, &options, &mut one, &mut other) } {
        0 => Ok((Socket(one), Socket(other))),
        code => {
            assert!(one.is_null() && other.is_null());
            Err(code)
        }
    }
}

pub fn getsockopt(fd: i32, level: i32, name: i32) -> i32 {
    let mut value = [0i32; 2];
    let mut len = 8;
    let at = value.as_mut_ptr().cast();
    assert_eq!(unsafe { libc::getsockopt(fd, level, name, at, &mut len) }, 0, "{level} {name}");
    if name == libc::SO_LINGER && level == libc::SOL_SOCKET {
        return if value[0] == 0 { -1 } else { value[1] };
    }
    value[0]
}

/// What getsockopt(2) says about an option, as this test understands it.
pub fn system(handle: &Any, info: &Info, is_ipv6: bool) -> i64 {
    use libc::*;
    let either = |v4, v6| if is_ipv6 { (IPPROTO_IPV6, v6) } else { (IPPROTO_IP, v4) };
    let (level, name) = match info.name {
        "reuse_address" => (SOL_SOCKET, SO_REUSEADDR),
        "reuse_port" => (SOL_SOCKET, SO_REUSEPORT),
        "broadcast" => (SOL_SOCKET, SO_BROADCAST),
        "keepalive" => (SOL_SOCKET, SO_KEEPALIVE),
        "keepalive_idle" => (IPPROTO_TCP, TCP_KEEPIDLE),
        "keepalive_interval" => (IPPROTO_TCP, TCP_KEEPINTVL),
        "keepalive_count" => (IPPROTO_TCP, TCP_KEEPCNT),
        "user_timeout" => (IPPROTO_TCP, TCP_USER_TIMEOUT),
        "linger" => (SOL_SOCKET, SO_LINGER),
        "send_buffer" => (SOL_SOCKET, SO_SNDBUF),
        "recv_buffer" => (SOL_SOCKET, SO_RCVBUF),
        "nodelay" => (IPPROTO_TCP, TCP_NODELAY),
        "cork" => (IPPROTO_TCP, TCP_CORK),
        "quickack" => (IPPROTO_TCP, TCP_QUICKACK),
        "notsent_lowat" => (IPPROTO_TCP, TCP_NOTSENT_LOWAT),
        "dscp" | "traffic_class" => either(IP_TOS, IPV6_TCLASS),
        "mark" => (SOL_SOCKET, SO_MARK),
        "priority" => (SOL_SOCKET, SO_PRIORITY),
        "freebind" => either(IP_FREEBIND, IPV6_FREEBIND),
        "transparent" => either(IP_TRANSPARENT, IPV6_TRANSPARENT),
        "busy_poll" => (SOL_SOCKET, SO_BUSY_POLL),
        "prefer_busy_poll" => (SOL_SOCKET, SO_PREFER_BUSY_POLL),
        "incoming_cpu" => (SOL_SOCKET, SO_INCOMING_CPU),
        "recv_lowat" => (SOL_SOCKET, SO_RCVLOWAT),
        "max_segment" => (IPPROTO_TCP, TCP_MAXSEG),
        "defer_accept" => (IPPROTO_TCP, TCP_DEFER_ACCEPT),
        "fast_open" => (IPPROTO_TCP, TCP_FASTOPEN),
        "pmtu_discovery" => either(IP_MTU_DISCOVER, IPV6_MTU_DISCOVER),
        "ttl" => either(IP_TTL, IPV6_UNICAST_HOPS),
        "min_ttl" => either(IP_MINTTL, IPV6_MINHOPCOUNT),
        "multicast_ttl" => either(IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS),
        "multicast_loop" => either(IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP),
        "multicast_all" => either(IP_MULTICAST_ALL, 29),
        "dont_route" => (SOL_SOCKET, SO_DONTROUTE),
        "oob_inline" => (SOL_SOCKET, SO_OOBINLINE),
        other => panic!("{other} is not known to this test"),
    };
    let value = self::getsockopt(handle.fd(), level, name);
    match info.name {
        "send_buffer" | "recv_buffer" => i64::from(value / 2),
        "dscp" => i64::from(value >> 2),
        "notsent_lowat" | "mark" | "priority" => i64::from(value.cast_unsigned()),
        _ => i64::from(value),
    }
}
