//! Level 1 through its C ABI: every promise of the header about sockets, and the bad input that it
//! has to answer. Loopback only, port 0 always.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "each block calls the C ABI with handles and buffers that this crate keeps alive"
)]

mod accept;
mod argument;
mod array;
mod batch;
mod black_hole;
mod broken;
mod budget;
mod calls;
mod cancel;
mod connect;
mod connector;
mod crowd;
mod datagram;
mod descriptor;
mod error;
mod fork;
mod frame;
mod framed;
mod guest;
mod handle;
mod hosts;
mod insight;
mod listen;
mod message;
mod misaligned;
mod multicast;
mod need;
mod network;
mod open_options;
mod option;
mod option_handle;
mod peer;
mod poller;
mod process;
mod race;
mod race_calls;
mod redirect;
mod resolve;
mod rights;
mod sendfile;
mod seqpacket;
mod service;
mod signal;
mod stream;
mod syscalls;
mod tcp;
mod threads;
mod udp;
mod unix;
mod vector;
mod wait;
