//! `vigie snmp listen`: what devices send, decoded, for the one who connects them.
//!
//! It touches neither the store nor the daemon, and calls nobody. It takes everything that can be read, from any source and with any
//! community; SNMPv3 of the users that the files name. Informs are answered, so that a device is seen to be content; the
//! engine is another one than the daemon's, and a new one each time, so that no device takes the two for one.

mod place;
mod shown;

use std::net::SocketAddr;
use std::path::Path;

use tokio::net::UdpSocket;
use vigie_snmp::names::Names;
use vigie_snmp::usm::{EngineId, Usm, is_v3};
use vigie_snmp::{MAX_DATAGRAM, Message};

use super::arguments::Listen;
use super::check;
use super::run::runtime;
use super::sysexit::Sysexit;
use super::terminal::{Terminal, plain};
use crate::adapters::snmp::users;
use crate::config;
use crate::host::clock::Clock;
use crate::host::entropy::entropy;
use crate::watch::time::Mono;
pub(super) use place::place;
use shown::Heard;

/// Listens until it is interrupted, or until nobody reads any more.
pub(super) fn listen(config: &Path, asked: &Listen, terminal: &mut Terminal) -> Sysexit {
    let (usm, names) = match known(config, terminal) {
        Ok(known) => known,
        Err(exit) => return exit,
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.complain(format_args!("vigie: the runtime cannot start: {error}"));
            return Sysexit::Unavailable;
        }
    };
    runtime.block_on(async {
        let mut sockets = Vec::new();
        for address in &asked.addresses {
            match UdpSocket::bind(address).await {
                Ok(socket) => sockets.push(socket),
                Err(error) => {
                    let (said, exit) = place::unbound(*address, &error);
                    terminal.complain(format_args!("vigie: {said}"));
                    return exit;
                }
            }
        }
        Listener { usm, names, clock: Clock::new(), json: asked.json }.run(sockets, terminal).await
    })
}

/// The users of all receivers of the files, and the names of the first that has some, if there are files.
fn known(config: &Path, terminal: &mut Terminal) -> Result<(Option<Usm>, Names), Sysexit> {
    if !config.exists() {
        let path = config.display();
        terminal.complain(format_args!("note: there is no {path}; SNMPv3 needs its `users`"));
        return Ok((None, Names::built_in()));
    }
    let reading =
        config::read_compiling(config, Path::new(config::THIS_PROGRAM), Clock::new().now().utc);
    let Some(settings) = reading.settings else {
        check::complain(&reading, terminal);
        return Err(Sysexit::Configuration);
    };
    let mut names = settings.names.values().filter(|names| names.of_files() > 0);
    let names = names.next().map_or_else(Names::built_in, |names| Names::clone(names));
    let known: Vec<_> = settings.snmp.into_iter().flat_map(|receiver| receiver.users).collect();
    if known.is_empty() {
        return Ok((None, names));
    }
    let mut usable = Vec::new();
    for user in &known {
        match users(std::slice::from_ref(user)) {
            Ok(user) => usable.extend(user),
            // In a shell there are no credentials of systemd's.
            Err(unready) => terminal.complain(format_args!("note: left out: {unready}")),
        }
    }
    let engine = EngineId::drawn(entropy().0.to_be_bytes());
    let usm = Usm::new(engine, 1, usable, entropy().0, std::time::Duration::ZERO);
    Ok((Some(usm), names))
}

struct Listener {
    usm: Option<Usm>,
    names: Names,
    clock: Clock,
    json: bool,
}

/// A datagram, and which socket it came by.
struct Datagram {
    place: usize,
    octets: Vec<u8>,
    from: SocketAddr,
}

impl Listener {
    async fn run(mut self, sockets: Vec<UdpSocket>, terminal: &mut Terminal) -> Sysexit {
        for socket in &sockets {
            if let Ok(at) = socket.local_addr() {
                terminal.complain(format_args!(
                    "listening on {at}; nobody is called, and informs are answered; Ctrl-C ends it"
                ));
            }
        }
        while !terminal.is_closed() {
            let datagram = match receive(&sockets).await {
                Ok(datagram) => datagram,
                Err(error) => {
                    terminal.complain(format_args!("vigie: the socket failed: {error}"));
                    return Sysexit::Unavailable;
                }
            };
            let answer = self.heard(&datagram, terminal);
            if let (Some(answer), Some(socket)) = (answer, sockets.get(datagram.place)) {
                // Whoever did not hear it asks again.
                let _ = socket.send_to(&answer, datagram.from).await;
            }
        }
        Sysexit::Ok
    }

    /// Shows a datagram; gives what is answered.
    fn heard(&mut self, datagram: &Datagram, terminal: &mut Terminal) -> Option<Vec<u8>> {
        let Datagram { octets, from, .. } = datagram;
        let now = Mono::default().until(self.clock.now().mono);
        match &mut self.usm {
            Some(usm) if is_v3(octets) => match usm.open(octets, now) {
                Ok(opened) => {
                    show(&opened.message, *from, &self.names, self.json, terminal);
                    usm.response(&opened, now, MAX_DATAGRAM).ok()
                }
                Err(rejected) => {
                    if !rejected.why.is_courtesy() {
                        let who = rejected.sender.as_ref().map(ToString::to_string);
                        let who = who.map_or_else(String::new, |who| format!("{who}: "));
                        terminal.complain(format_args!("{from}: {}{}", plain(&who), rejected.why));
                    }
                    rejected.report
                }
            },
            _ => match vigie_snmp::read(octets) {
                Ok(message) => {
                    show(&message, *from, &self.names, self.json, terminal);
                    vigie_snmp::response(&message, octets, MAX_DATAGRAM).ok()
                }
                Err(refused) => {
                    let refused = plain(&refused.to_string());
                    terminal.complain(format_args!("{from}: not taken: {refused}"));
                    None
                }
            },
        }
    }
}

fn show(message: &Message, from: SocketAddr, names: &Names, json: bool, terminal: &mut Terminal) {
    let heard = Heard::of(message, from, names);
    if json {
        terminal.json(&serde_json::to_string(&heard).unwrap_or_default());
    } else {
        heard.lines().iter().for_each(|line| terminal.line(plain(line)));
    }
    // Whoever waits for it waits at the other end of a pipe.
    let _ = terminal.output().flush();
}

/// The next datagram of any socket.
async fn receive(sockets: &[UdpSocket]) -> std::io::Result<Datagram> {
    let mut octets = vec![0; MAX_DATAGRAM];
    std::future::poll_fn(|context| {
        for (place, socket) in sockets.iter().enumerate() {
            let mut buffer = tokio::io::ReadBuf::new(&mut octets);
            if let std::task::Poll::Ready(from) = socket.poll_recv_from(context, &mut buffer) {
                let received = buffer.filled().to_vec();
                return std::task::Poll::Ready(from.map(|from| Datagram {
                    place,
                    octets: received,
                    from,
                }));
            }
        }
        std::task::Poll::Pending
    })
    .await
}
