//! Happy Eyeballs: a name whose IPv6 address nobody answers at, and whose IPv4 address does.
//!
//! The black hole is in a network namespace of its own, in a child of this program: a pair of veth
//! devices, and a neighbour that the far one is not, so that it drops what it gets. That takes root, or
//! a user namespace.
#![allow(unsafe_code, reason = "the functions of a shared library are called")]

use std::env;
use std::ffi::{CStr, c_char, c_void};
use std::process::Command;
use std::ptr::null_mut;
use std::time::Instant;

use bojagi_bench::library::Library;
use bojagi_bench::measure::median;
use bojagi_bench::report::{Better, Row};

use crate::exports::{Address, Exports, NO_ADDRESS, checked};
use crate::table::Line;

/// `bojagi_connect_options` as far as it is used, and room for what comes behind.
#[repr(C)]
struct Options {
    size: u32,
    flags: u32,
    cancel: *mut c_void,
    attempt_delay_ms: u32,
    reserved: u32,
    local: *const Address,
    interface_name: *const c_char,
    hosts: *mut c_void,
    more: [u64; 32],
}

type Raw = *mut c_void;
type New = unsafe extern "C" fn(*mut Raw) -> i64;
type Add = unsafe extern "C" fn(Raw, *const c_char, *const Address) -> i64;
type Parse = unsafe extern "C" fn(*const c_char, u32, *mut Address) -> i64;
type Init = unsafe extern "C" fn(*mut Options);

/// A line for each delay, or why there is none.
pub fn lines(times: usize) -> Result<Vec<Line>, String> {
    DELAYS_MS.iter().map(|&delay_ms| line(delay_ms, times)).collect()
}

fn line(delay_ms: u32, times: usize) -> Result<Line, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "sh", "-c", BLACK_HOLE, "sh"]).arg(program);
    command.args([CONNECT, &delay_ms.to_string(), &times.to_string()]);
    let output = command.output().map_err(|error| format!("unshare: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let took: Vec<f64> = text.lines().filter_map(|line| line.parse().ok()).collect();
    if took.len() != times {
        return Err(format!("the child says {text:?}"));
    }
    let row = Row {
        case: format!("{CASE}, {delay_ms} ms"),
        what: "median",
        unit: "ms",
        better: Better::Less,
        ours: median(&took),
        peers: Vec::new(),
        limits: vec![("attempt delay".to_owned(), f64::from(delay_ms))],
        bytes: 0.0,
    };
    Ok(Line { row, calls: None, bar: None })
}

/// The line of a machine on which no black hole can be made.
pub fn left_out() -> Line {
    let row = Row {
        case: CASE.to_owned(),
        what: "LEFT OUT",
        unit: "ms",
        better: Better::Less,
        ours: f64::NAN,
        peers: Vec::new(),
        limits: Vec::new(),
        bytes: 0.0,
    };
    Line { row, calls: None, bar: None }
}

/// What the child does: connects so many times, and prints how many milliseconds each took.
pub fn child(library: &Library, exports: &Exports, rest: &[String]) -> Result<(), String> {
    let [delay_ms, times] = rest else { return Err("no delay, no times".to_owned()) };
    let (listener, port) = exports.tcp_listen()?;
    // SAFETY: the types are those of include/bojagi.h.
    let (new, init) = unsafe {
        (
            library.function::<New>(c"bojagi_hosts_new")?,
            library.function::<Init>(c"bojagi_connect_options_init")?,
        )
    };
    let mut hosts = null_mut();
    // SAFETY: a place for the handle.
    checked(unsafe { new(&mut hosts) }, "make a table of hosts")?;
    add(library, hosts, c"2001:db8::2")?;
    add(library, hosts, c"127.0.0.1")?;
    // SAFETY: integers and pointers, all of them zero.
    let mut options: Options = unsafe { std::mem::zeroed() };
    // SAFETY: more room than the struct takes.
    unsafe { init(&mut options) };
    options.attempt_delay_ms = delay_ms.parse().map_err(|_| "no number".to_owned())?;
    options.hosts = hosts;
    for _ in 0..times.parse::<usize>().map_err(|_| "no number".to_owned())? {
        let (began, mut socket) = (Instant::now(), null_mut());
        let host = NAME.as_ptr();
        // SAFETY: a C string, options that were made ready, and a place for the handle.
        let result = unsafe {
            (exports.tcp_connect)(host, port, (&raw mut options).cast(), BUDGET_MS, &mut socket)
        };
        let took = began.elapsed();
        checked(result, "connect")?;
        // SAFETY: the handle that was made.
        unsafe { (exports.socket_free)(socket) };
        drop(exports.accept(&listener)?);
        println!("{}", took.as_secs_f64() * 1e3);
    }
    Ok(())
}

fn add(library: &Library, hosts: Raw, address: &CStr) -> Result<(), String> {
    // SAFETY: the types are those of include/bojagi.h.
    let (parse, add) = unsafe {
        (
            library.function::<Parse>(c"bojagi_address_parse")?,
            library.function::<Add>(c"bojagi_hosts_add")?,
        )
    };
    let mut parsed = NO_ADDRESS;
    // SAFETY: a C string and a place for the address.
    checked(unsafe { parse(address.as_ptr(), 0, &mut parsed) }, "read an address")?;
    // SAFETY: a live handle, a C string, an address.
    checked(unsafe { add(hosts, NAME.as_ptr(), &parsed) }, "add a host")
}

/// How the names of its cases begin.
pub const CASE: &str = "IPv6 dead";

/// The argument that makes this program such a child.
pub const CONNECT: &str = "--connect";

const BLACK_HOLE: &str = "
    ip link set lo up &&
    ip link add hole type veth peer name end &&
    ip addr add 2001:db8::1/64 dev hole nodad &&
    ip link set hole up && ip link set end up &&
    ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev hole && exec \"$@\"";

const NAME: &CStr = c"dual.test";
const BUDGET_MS: i64 = 10_000;
const DELAYS_MS: [u32; 2] = [250, 50];
