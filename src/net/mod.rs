//! Level 1: TCP, UDP and Unix sockets with whole-call budgets, cancel and a policy for signals.
//!
//! [`connect`] and [`listener`] make sockets, [`socket::Socket`] is one, [`stream`] and [`datagram`]
//! say what only one kind can do; [`vector`] and [`sendfile`] send from many places, and from files.
//! [`frame`] has the rules of messages on a stream. [`direction`] is the heart: how one system call is made within a
//! budget. [`wait`] is the only place that waits, and [`sys`] the only one that is unsafe.

pub mod addr;
pub mod connect;
pub mod datagram;
pub mod direction;
pub mod frame;
pub mod listener;
mod lookup;
pub mod resolve;
pub mod sendfile;
pub mod socket;
pub mod stream;
pub mod sys;
pub mod unix;
pub mod vector;
pub mod wait;

pub use addr::Address;
pub use connect::Options;
pub use listener::Listener;
pub use socket::Socket;
