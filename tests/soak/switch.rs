//! A dead man's switch: an HTTP server that answers every GET, one after the other.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// Opens one, which lives as long as the program: where it is.
pub(crate) fn open() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback");
    let here = listener.local_addr().expect("a port");
    std::thread::spawn(move || {
        for mut peer in listener.incoming().flatten() {
            let _ = peer.set_read_timeout(Some(Duration::from_secs(2)));
            let mut asked = Vec::new();
            let mut buffer = [0; 1_024];
            while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                match peer.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => asked.extend_from_slice(&buffer[..count]),
                }
            }
            let _ = peer
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK");
        }
    });
    here
}
