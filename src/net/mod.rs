//! Level 1: TCP, UDP and Unix sockets with whole-call budgets, cancel and a policy for signals.
//!
//! [`connect`], [`bind`] and [`listener`] make sockets, [`socket::Socket`] is one, [`stream`] and
//! [`datagram`] say what only one kind can do; [`vector`] and [`sendfile`] send from many places and from
//! files, `batch` and `outgoing` move many datagrams at once; [`frame`] has the rules of messages on a stream.
//! [`direction`] is the heart: how one system call is made within a budget. [`wait`] and, for many sockets
//! at once, [`poller`] are the only places that wait, and [`sys`] the only one that is unsafe.

mod accept;
pub mod addr;
mod batch;
pub mod bind;
pub mod connect;
pub mod connector;
pub mod datagram;
pub mod direction;
pub mod frame;
mod groups;
pub mod hosts;
pub mod insight;
pub mod listener;
mod lookup;
pub mod multicast;
pub mod option;
mod outgoing;
pub mod pair;
mod path;
pub mod plain;
pub mod plan;
pub mod poller;
pub mod race;
pub mod readiness;
pub mod resolve;
pub mod rights;
mod segment;
pub mod sendfile;
pub mod service;
pub mod socket;
pub mod stream;
pub mod sys;
pub mod unix;
pub mod vector;
pub mod wait;

pub use addr::Address;
pub use connect::Options;
pub use connector::Connector;
pub use hosts::Hosts;
pub use listener::Listener;
pub use socket::Socket;
