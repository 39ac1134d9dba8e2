//! Who is at the other end of the control socket, by the kernel's word (`SO_PEERCRED`, unix(7)).
//!
//! The kernel says a number; what it is called, and to which groups it belongs, a directory says that may be on another machine
//! (LDAP, by nsswitch.conf(5)) and not answer. It is asked aside and for a limited time, and neither the sequencer nor another peer
//! waits for it. Until it has answered the account is nobody, but for root and the daemon's own, which are known by their number.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use nix::unistd::{Gid, Group, Uid, User, getgrouplist};
use tokio::net::UnixStream;
use tokio::sync::Semaphore;

use crate::host::aside::{Late, aside_by};
use crate::watch::name::PersonId;

/// A directory that has not answered for so long is not waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// So many questions may hang there: more than one account has seats, so that none can take them from the others.
const QUESTIONS: usize = 32;

/// Who calls, as the kernel has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    uid: Uid,
    gid: Gid,
}

/// The account at the other end.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    caller: Caller,
    account: Account,
    directory: Directory,
}

/// What is known of an account.
#[derive(Clone, Debug)]
enum Account {
    /// What the directory says of it.
    Named(Arc<User>),
    /// The machine does not know it by name.
    Numbered,
    /// The directory does not answer.
    Unanswered,
}

/// Who is asked about accounts, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Directory {
    user: fn(Uid) -> Option<User>,
    holds: fn(&User, Gid) -> bool,
    patience: Duration,
}

/// What an account may do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// Root, or the daemon's own account: for anybody whom it names; for the person whose `user` it
    /// is, where it names nobody.
    Operator(Option<PersonId>),
    /// A person's own account.
    Person(PersonId),
    /// A member of the socket's group: look, and not act.
    Reader,
    /// The directory does not say who it is.
    Unknown,
    /// Everybody else.
    Stranger,
}

impl Caller {
    /// By the kernel's word; an error where it says nothing of this peer.
    pub(super) fn of(stream: &UnixStream) -> std::io::Result<Self> {
        let credentials = stream.peer_cred()?;
        Ok(Self { uid: Uid::from_raw(credentials.uid()), gid: Gid::from_raw(credentials.gid()) })
    }

    /// With what the directory says of it, if it says anything in time.
    pub(super) async fn looked_up(self, directory: Directory) -> Peer {
        let Self { uid, .. } = self;
        let account = match directory.asked(move |directory| (directory.user)(uid)).await {
            Ok(Some(user)) => Account::Named(Arc::new(user)),
            Ok(None) => Account::Numbered,
            Err(_) => Account::Unanswered,
        };
        Peer { caller: self, account, directory }
    }

    fn is_operator(self) -> bool {
        self.uid.is_root() || self.uid == Uid::effective()
    }
}

impl Peer {
    /// The account's name, or its number.
    pub(super) fn account(&self) -> String {
        match &self.account {
            Account::Named(user) => user.name.clone(),
            Account::Unanswered if self.caller.uid.is_root() => "root".to_owned(),
            Account::Numbered | Account::Unanswered => self.caller.uid.to_string(),
        }
    }

    /// What it may do, whose person's account bears its name. A person needs no group: of people whom the machine knows by itself
    /// no other is asked.
    pub(super) async fn standing(&self, person: Option<PersonId>, group: u32) -> Standing {
        let group = Gid::from_raw(group);
        match (&self.account, person) {
            (_, person) if self.caller.is_operator() => Standing::Operator(person),
            (Account::Named(_) | Account::Numbered, Some(person)) => Standing::Person(person),
            (_, _) if self.caller.gid == group => Standing::Reader,
            (Account::Unanswered, _) => Standing::Unknown,
            (Account::Numbered, None) => Standing::Stranger,
            (Account::Named(user), None) => {
                let user = Arc::clone(user);
                match self.directory.asked(move |directory| (directory.holds)(&user, group)).await {
                    Ok(true) => Standing::Reader,
                    Ok(false) => Standing::Stranger,
                    Err(_) => Standing::Unknown,
                }
            }
        }
    }
}

impl Directory {
    /// The machine's.
    pub(super) const SYSTEM: Self =
        Self { user: |uid| User::from_uid(uid).ok().flatten(), holds: belongs, patience: PATIENCE };

    async fn asked<T: Send + 'static>(
        self,
        question: impl FnOnce(Self) -> T + Send + 'static,
    ) -> Result<T, Late> {
        static TURNS: LazyLock<Arc<Semaphore>> =
            LazyLock::new(|| Arc::new(Semaphore::new(QUESTIONS)));
        aside_by(Arc::clone(&TURNS), self.patience, move || question(self)).await
    }
}

/// Whether the group holds the account.
fn belongs(user: &User, group: Gid) -> bool {
    let by_list = std::ffi::CString::new(user.name.as_bytes()).is_ok_and(|name| {
        getgrouplist(&name, user.gid).is_ok_and(|groups| groups.contains(&group))
    });
    by_list
        || Group::from_gid(group).ok().flatten().is_some_and(|group| group.mem.contains(&user.name))
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;

    /// Whether the directory answers again.
    static ANSWERS: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

    fn hang() {
        let (answers, told) = &ANSWERS;
        drop(told.wait_while(answers.lock().unwrap(), |answers| !*answers).unwrap());
    }

    /// It answers again at the end of the test, however that ends: threads that hang are waited for.
    struct Again;

    impl Drop for Again {
        fn drop(&mut self) {
            *ANSWERS.0.lock().unwrap() = true;
            ANSWERS.1.notify_all();
        }
    }

    const GROUP: u32 = 4_000_000;

    fn caller(uid: u32) -> Caller {
        Caller { uid: Uid::from_raw(uid), gid: Gid::from_raw(4_000_001) }
    }

    fn named(_: Uid) -> Option<User> {
        User::from_uid(Uid::from_raw(0)).unwrap()
    }

    #[tokio::test]
    async fn a_directory_of_accounts_that_does_not_answer_keeps_nobody_waiting_and_lets_nobody_in()
    {
        let _again = Again;
        let hangs = Directory {
            user: |_| {
                hang();
                None
            },
            holds: |_, _| {
                hang();
                true
            },
            patience: Duration::from_millis(20),
        };
        // The test has one thread for tasks: that it goes on here shows that no task waits.
        let stranger = caller(4_000_002).looked_up(hangs).await;
        let marie = || Some(PersonId::new("marie"));
        assert_eq!(stranger.account(), "4000002");
        assert_eq!(stranger.standing(None, GROUP).await, Standing::Unknown);
        let claimed = stranger.standing(marie(), GROUP).await;
        assert_eq!(claimed, Standing::Unknown, "a number is taken for nobody's name");
        let root = caller(0).looked_up(hangs).await;
        assert_eq!(root.account(), "root");
        assert_eq!(root.standing(None, GROUP).await, Standing::Operator(None), "root is root");
        let own = Caller { uid: Uid::effective(), ..caller(0) }.looked_up(hangs).await;
        assert_eq!(own.standing(None, GROUP).await, Standing::Operator(None), "and we are we");

        let groups_hang = Directory { user: named, ..hangs };
        let person = caller(4_000_002).looked_up(groups_hang).await;
        let known = person.standing(marie(), GROUP).await;
        assert_eq!(known, Standing::Person(PersonId::new("marie")), "a person needs no group");
        assert_eq!(person.standing(None, GROUP).await, Standing::Unknown);
    }

    #[tokio::test]
    async fn who_is_neither_person_nor_of_the_group_is_a_stranger() {
        let directory = Directory { user: |_| None, ..Directory::SYSTEM };
        let peer = caller(4_000_002).looked_up(directory).await;
        assert_eq!(peer.standing(None, GROUP).await, Standing::Stranger);
        assert_eq!(peer.standing(None, 4_000_001).await, Standing::Reader);
        let directory = Directory { user: named, holds: |_, _| true, ..Directory::SYSTEM };
        let peer = caller(4_000_002).looked_up(directory).await;
        assert_eq!(peer.standing(None, GROUP).await, Standing::Reader);
    }
}
