//! One request to a server: who is found, what is said, and what became of it, in words that never hold the address.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::config::{WebAddress, pem};
use crate::host::aside::aside_at;
use crate::host::tls::{self, Peer};

/// So many addresses of a name are tried.
const ADDRESSES: usize = 4;
/// The head of an answer is no longer than this.
const LONGEST_HEAD: usize = 16 * 1_024;
/// No more than this is read of what follows it.
const LONGEST_BODY: usize = 64 * 1_024;
/// With this healthchecks.io begins what it answers, with 200, to an address that it does not know.
const NOT_FOUND: &[u8] = b"OK (not found)";

const SERVER: Peer = Peer {
    called: "the server",
    misnamed: "write the name that it bears in `url`",
    wants_ours: ", and we have none",
    speaks_none: "write http:// in `url`, or its TLS port",
};

/// Why a try failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failed(pub(super) String);

impl Failed {
    /// There was no answer in time.
    pub(super) fn late(patience: Duration) -> Self {
        Self(format!("the server has not answered within {patience:?}"))
    }

    fn closed() -> Self {
        Self("the server closed the connection without an answer".to_owned())
    }
}

/// Who asks; what it knows of authorities it keeps until something fails.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// As which its files are known where one of them hangs: nothing else is begun at them then.
    pub(super) files: PathBuf,
    tls: Option<Arc<ClientConfig>>,
}

impl Client {
    /// Of the ping of that name.
    pub(super) fn called(name: &str) -> Self {
        Self { files: PathBuf::from(name), tls: None }
    }

    /// Asks for that address, and is content with a 2xx.
    pub(super) async fn call(
        &mut self,
        address: &WebAddress,
        ca: Option<&Path>,
        patience: Duration,
    ) -> Result<(), Failed> {
        // Put back only when all is well: authorities that were renewed are in force after the next failure.
        let tls = self.tls.take();
        let stream = connect(address, patience).await?;
        if !address.is_tls {
            return exchange(stream, address, patience).await;
        }
        let config = match tls {
            Some(config) => config,
            None => {
                let ca = ca.map(Path::to_owned);
                let client = move || tls::client(ca.as_deref().map(|path| (path, pem(path))));
                let read = aside_at(&self.files, client).await;
                let read = read.map_err(|late| Failed(late.of_files()))?;
                read.map_err(|untried| Failed(untried.to_string()))?
            }
        };
        let name = ServerName::try_from(address.host.clone()).map_err(|_| {
            Failed("the host of `url` is no name that a certificate can bear".to_owned())
        })?;
        let stream = TlsConnector::from(Arc::clone(&config)).connect(name, stream).await;
        exchange(stream.map_err(|error| of_io(&error))?, address, patience).await?;
        self.tls = Some(config);
        Ok(())
    }
}

/// A connection to the first of its addresses at which somebody listens; one that says nothing keeps the next waiting for its share.
async fn connect(address: &WebAddress, patience: Duration) -> Result<TcpStream, Failed> {
    let found = lookup_host((address.host.as_str(), address.port)).await;
    let found: Vec<SocketAddr> =
        found.map(|found| found.take(ADDRESSES).collect()).unwrap_or_default();
    let Some(many) = u32::try_from(found.len()).ok().filter(|many| *many > 0) else {
        return Err(Failed("the name of the server cannot be resolved".to_owned()));
    };
    let mut why = None;
    for one in found {
        match timeout(patience / (many + 1), TcpStream::connect(one)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => why = Some(of_io(&error)),
            Err(_) => why = why.or_else(|| Some(Failed("nobody answers at the server".to_owned()))),
        }
    }
    Err(why.unwrap_or_else(Failed::closed))
}

/// The request, and as much of the answer as tells whether it is one.
async fn exchange<S>(stream: S, address: &WebAddress, patience: Duration) -> Result<(), Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let request = Request::get(&address.target)
        .header(HOST, address.authority())
        .header(USER_AGENT, concat!("vigie/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .body(String::new())
        .map_err(|_| Failed("`url` cannot be asked for".to_owned()))?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(LONGEST_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| of_http(&error))?;
    let mut asking = pin!(async move {
        let answer = sender.send_request(request).await.map_err(|error| of_http(&error))?;
        content(answer.status())?;
        // A head is an answer: what follows it slowly is not waited for.
        timeout(patience / 4, known(answer.into_body())).await.unwrap_or(Ok(()))
    });
    // What came before the connection ended is still to be had.
    tokio::select! {
        answered = &mut asking => answered,
        _ = connection => asking.await,
    }
}

fn content(status: StatusCode) -> Result<(), Failed> {
    if status.is_success() {
        Ok(())
    } else if status.is_redirection() {
        let what = "which is not followed: write into `url` where it leads";
        Err(Failed(format!("the server answers {}, a redirection, {what}", status.as_u16())))
    } else {
        Err(Failed(format!("the server answers {}", status.as_u16())))
    }
}

/// Reads what follows, up to a bound, and drops it. A 2xx is an answer whatever becomes of the rest of it; but for one service, which
/// says in so many words that it knows nobody of that address.
async fn known(mut body: Incoming) -> Result<(), Failed> {
    let mut begins: Vec<u8> = Vec::new();
    let mut read = 0_usize;
    while read < LONGEST_BODY {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(Ok(frame)) = frame else { break };
        let Some(part) = frame.data_ref() else { continue };
        read = read.saturating_add(part.len());
        let lacks = NOT_FOUND.len().saturating_sub(begins.len());
        begins.extend(part.iter().take(lacks));
    }
    if begins == NOT_FOUND {
        return Err(Failed(
            "the service does not know this `url`: it answers \"not found\"".to_owned(),
        ));
    }
    Ok(())
}

/// An error of a socket, in which one of TLS may stand.
fn of_io(error: &std::io::Error) -> Failed {
    use std::io::ErrorKind;
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Failed(SERVER.words(tls));
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => Failed("nobody listens at the server".to_owned()),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => {
            Failed::closed()
        }
        ErrorKind::TimedOut => Failed("nobody answers at the server".to_owned()),
        _ => Failed(format!("the server cannot be reached: {error}")),
    }
}

fn of_http(error: &hyper::Error) -> Failed {
    let cause =
        std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    match cause {
        Some(cause) => of_io(cause),
        None if error.is_parse() => Failed("what the server answers is no HTTP".to_owned()),
        None => Failed::closed(),
    }
}
