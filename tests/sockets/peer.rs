//! Peers that are no use.

use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};

/// A TCP listener whose backlog is full: a connect to it gets no answer.
pub struct Full {
    listener: socket2::Socket,
    _waiting: Vec<socket2::Socket>,
}

impl Full {
    pub fn new() -> Self {
        let listener =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
        listener.bind(&any.into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        for _ in 0..4 {
            let socket =
                socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
            socket.set_nonblocking(true).unwrap();
            let _ = socket.connect(&address);
            waiting.push(socket);
        }
        Self { listener, _waiting: waiting }
    }

    pub fn port(&self) -> u32 {
        self.listener.local_addr().unwrap().as_socket().unwrap().port().into()
    }
}

/// A name that no other test has.
pub fn abstract_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("@bojagi-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The two ends of a TCP connection that bojagi has not made.
pub fn std_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}
