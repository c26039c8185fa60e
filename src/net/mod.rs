//! Level 1: TCP, UDP and Unix sockets with whole-call budgets, cancel and a policy for signals.
//!
//! [`connect`] and [`listener`] make sockets, [`socket::Socket`] is one, [`stream`] and [`datagram`]
//! say what only one kind can do, `batch` and `outgoing` move many datagrams
//! at once. [`direction`] is the heart: how one system call is made within a
//! budget. [`wait`] is the only place that waits, and [`sys`] the only one that is unsafe.

pub mod addr;
mod batch;
pub mod connect;
pub mod datagram;
pub mod direction;
mod groups;
pub mod listener;
mod lookup;
pub mod multicast;
mod outgoing;
pub mod plain;
pub mod resolve;
mod segment;
pub mod socket;
pub mod stream;
pub mod sys;
pub mod unix;
pub mod wait;

pub use addr::Address;
pub use connect::Options;
pub use listener::Listener;
pub use socket::Socket;
