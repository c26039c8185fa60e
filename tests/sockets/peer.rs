//! Peers that are no use.

use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A TCP listener whose backlog is full: a connect to it gets no answer.
pub struct Full {
    listener: socket2::Socket,
    _waiting: Vec<socket2::Socket>,
}

impl Full {
    pub fn new() -> Self {
        Self::on("127.0.0.1")
    }

    pub fn on(host: &str) -> Self {
        let any = std::net::SocketAddr::new(host.parse().unwrap(), 0);
        let domain = socket2::Domain::for_address(any);
        let listener = socket2::Socket::new(domain, socket2::Type::STREAM, None).unwrap();
        listener.bind(&any.into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        for _ in 0..4 {
            let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).unwrap();
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

impl Full {
    /// Takes whatever comes, until `done`: those that have waited for room come again, too.
    pub fn accept_until(&self, done: &AtomicBool) {
        self.listener.set_nonblocking(true).unwrap();
        let patience = Instant::now() + Duration::from_secs(60);
        while !done.load(Ordering::SeqCst) && Instant::now() < patience {
            let _ = self.listener.accept();
            std::thread::yield_now();
        }
    }
}

/// How many descriptors this process has.
pub fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
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
