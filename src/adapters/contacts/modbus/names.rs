//! The name of a board: looked up anew at each connection, since a board that was exchanged has another address.
//!
//! The system's resolver keeps a thread waiting for as long as it likes, so it is asked aside. A look-up that takes too long is not
//! broken off, which nothing can do; it is not begun a second time either: the next connection waits for the same one. So a silent
//! name server costs one thread for each life of a board, and no more.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::host::aside::aside;

/// So many addresses of one name are tried.
const MOST: usize = 4;

type Found = io::Result<Vec<SocketAddr>>;
/// Who is asked for names.
type Resolver = Arc<dyn Fn(&str, u16) -> Found + Send + Sync>;

/// A look-up that is under way.
type Lookup = Pin<Box<dyn Future<Output = io::Result<Found>> + Send>>;

/// The name of a board, and the look-up that is under way.
pub(super) struct Name {
    name: String,
    port: u16,
    resolver: Resolver,
    under_way: Option<Lookup>,
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Name").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Name {
    /// A name that the system's resolver is asked for.
    pub(super) fn new(name: &str, port: u16) -> Self {
        let system = |name: &str, port: u16| Ok((name, port).to_socket_addrs()?.collect());
        Self::asked_of(Arc::new(system), name, port)
    }

    fn asked_of(resolver: Resolver, name: &str, port: u16) -> Self {
        Self { name: name.to_owned(), port, resolver, under_way: None }
    }

    /// The addresses that it stands for now; or why not, in the operator's words.
    pub(super) async fn addresses(
        &mut self,
        patience: Duration,
    ) -> Result<Vec<SocketAddr>, String> {
        let (resolver, name, port) = (Arc::clone(&self.resolver), self.name.clone(), self.port);
        let begin = || -> Lookup { Box::pin(aside(move || resolver(&name, port))) };
        let under_way = self.under_way.get_or_insert_with(begin);
        let found = timeout(patience, under_way).await;
        let name = &self.name;
        let Ok(found) = found else {
            let waited = patience.as_millis();
            return Err(format!(
                "the name {name} was not found within {waited} ms: does the name server answer?"
            ));
        };
        self.under_way = None;
        match found.and_then(|found| found) {
            Ok(addresses) if !addresses.is_empty() => {
                Ok(addresses.into_iter().take(MOST).collect())
            }
            Ok(_) => Err(format!("the name {name} stands for no address")),
            Err(error) => Err(format!(
                "the name {name} is not known: check it, or write the board's address ({error})"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_silent_name_server_is_told_in_time_and_is_asked_for_a_name_once() {
        let (answer, answers) = mpsc::sync_channel::<SocketAddr>(2);
        let (answers, asked) = (Mutex::new(answers), Arc::new(AtomicU32::new(0)));
        let count = Arc::clone(&asked);
        let resolver: Resolver = Arc::new(move |_, _| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(answers.lock().unwrap().recv().into_iter().collect())
        });
        let mut name = Name::asked_of(resolver, "board.plant.local", 502);
        let told =
            "the name board.plant.local was not found within 20 ms: does the name server answer?";
        for _ in 0..3 {
            assert_eq!(name.addresses(SHORT).await, Err(told.to_owned()));
        }
        let address: SocketAddr = "10.0.0.7:502".parse().unwrap();
        answer.send(address).unwrap();
        assert_eq!(name.addresses(LONG).await, Ok(vec![address]));
        assert_eq!(asked.load(Ordering::SeqCst), 1, "the same look-up was waited for");
        answer.send(address).unwrap();
        assert_eq!(name.addresses(LONG).await, Ok(vec![address]));
        assert_eq!(asked.load(Ordering::SeqCst), 2, "another connection looks it up anew");
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_told_with_what_to_do() {
        let resolver: Resolver = Arc::new(|_, _| Err(io::Error::other("no such name")));
        let mut name = Name::asked_of(resolver, "bord.plant.local", 502);
        let told = "the name bord.plant.local is not known: check it, or write the board's address (no such name)";
        assert_eq!(name.addresses(LONG).await, Err(told.to_owned()));
        let resolver: Resolver = Arc::new(|_, _| Ok(Vec::new()));
        let mut name = Name::asked_of(resolver, "bord.plant.local", 502);
        assert!(name.addresses(LONG).await.is_err());
    }
}
