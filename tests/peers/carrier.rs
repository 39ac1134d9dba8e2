//! Carries the modem's bytes to peers that want a socket where others want a serial port.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener as Listener};

use tokio::io::{AsyncRead, AsyncWrite, copy, split};
use tokio::net::{TcpListener, UnixListener};
use tokio_serial::SerialStream;

use crate::place::Place;

impl Place {
    /// At a socket with that name in the abstract namespace, one caller after the other.
    pub(crate) fn carried_to_abstract(&mut self, name: &str) {
        let name = SocketAddr::from_abstract_name(name).expect("it is short");
        let listener = Listener::bind_addr(&name).expect("nobody else has it");
        listener.set_nonblocking(true).expect("a socket");
        let listener = UnixListener::from_std(listener).expect("a runtime");
        let mut line = self.line();
        self.driven.spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                carry(&mut line, caller).await;
            }
        });
    }

    /// At a port of this machine, which it gives, one caller after the other.
    pub(crate) async fn carried_to_tcp(&mut self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let mut line = self.line();
        self.driven.spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                carry(&mut line, caller).await;
            }
        });
        port
    }

    fn line(&self) -> SerialStream {
        SerialStream::open(&tokio_serial::new(self.device(), 115_200)).expect("the modem's device")
    }
}

/// Until one of them hangs up.
async fn carry(line: &mut SerialStream, caller: impl AsyncRead + AsyncWrite) {
    let ((mut heard, mut said), (mut asked, mut told)) = (split(line), split(caller));
    tokio::select! {
        _ = copy(&mut heard, &mut told) => {}
        _ = copy(&mut asked, &mut said) => {}
    }
}
