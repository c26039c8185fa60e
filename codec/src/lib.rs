//! HTTP/1.1 requests and responses, decoded and encoded without I/O and without allocation.
#![no_std]

pub mod capi;
