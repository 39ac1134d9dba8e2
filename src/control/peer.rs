//! Who is at the other end of the control socket, by the kernel's word (`SO_PEERCRED`, unix(7)).
//!
//! The kernel says a number; what it is called, and to which groups it belongs, a directory says that may be on another machine
//! (LDAP, by nsswitch.conf(5)) and not answer. It is asked aside and for a limited time, and neither the sequencer nor another peer
//! waits for it. Until it has answered the account is nobody, but for root and the daemon's own, which are known by their number. That
//! it answers with an error says nothing of the account either. One question is asked about an account at a time, so that none for whose
//! account it hangs takes the turns of others.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use nix::errno::Errno;
use nix::unistd::{Gid, Group, Uid, User, getgrouplist};
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tracing::warn;

use crate::host::aside::{Late, Turns, aside_by};
use crate::watch::name::PersonId;

/// A directory that has not answered for so long is not waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// So many questions may hang there, of as many accounts.
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
    /// The directory does not answer, or with an error.
    Unanswered,
}

/// Who is asked about accounts, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Directory {
    user: fn(Uid) -> Result<Option<User>, Errno>,
    holds: fn(&User, Gid) -> Result<bool, Errno>,
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
        let account = match directory.asked(uid, move |directory| (directory.user)(uid)).await {
            Some(Some(user)) => Account::Named(Arc::new(user)),
            Some(None) => Account::Numbered,
            None => Account::Unanswered,
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
                let holds = move |directory: Directory| (directory.holds)(&user, group);
                match self.directory.asked(self.caller.uid, holds).await {
                    Some(true) => Standing::Reader,
                    Some(false) => Standing::Stranger,
                    None => Standing::Unknown,
                }
            }
        }
    }
}

impl Directory {
    /// The machine's.
    pub(super) const SYSTEM: Self = Self { user: known, holds: belongs, patience: PATIENCE };

    /// What it says of that account; `None`: nothing in time, or nothing but an error.
    async fn asked<T: Send + 'static>(
        self,
        of: Uid,
        question: impl FnOnce(Self) -> Result<T, Errno> + Send + 'static,
    ) -> Option<T> {
        static TURNS: LazyLock<Arc<Semaphore>> =
            LazyLock::new(|| Arc::new(Semaphore::new(QUESTIONS)));
        let in_turn = async {
            let own = turn_of(of).acquire_owned().await.map_err(|_| Late::HangsStill)?;
            let asking = move || {
                let answer = question(self);
                drop(own);
                answer
            };
            aside_by(Arc::clone(&TURNS), self.patience, asking).await
        };
        match timeout(self.patience, in_turn).await {
            Ok(Ok(Ok(answer))) => Some(answer),
            Ok(Ok(Err(error))) => {
                warn!(account = of.as_raw(), %error, "the directory of accounts cannot be asked");
                None
            }
            Ok(Err(_)) | Err(_) => None,
        }
    }
}

/// The turn of an account.
fn turn_of(uid: Uid) -> Arc<Semaphore> {
    static TURNS: Turns<u32> = Turns::new();
    TURNS.of(uid.as_raw())
}

fn known(uid: Uid) -> Result<Option<User>, Errno> {
    let user = User::from_uid(uid)?;
    if user.is_none() {
        can_be_read("/etc/passwd")?;
    }
    Ok(user)
}

/// Whether the group holds the account. Where one list has it, it does not matter that another cannot be read.
fn belongs(user: &User, group: Gid) -> Result<bool, Errno> {
    let name = std::ffi::CString::new(user.name.as_bytes()).map_err(|_| Errno::EINVAL)?;
    let listed = getgrouplist(&name, user.gid).map(|groups| groups.contains(&group));
    if listed == Ok(true) {
        return listed;
    }
    if Group::from_gid(group)?.is_some_and(|group| group.mem.contains(&user.name)) {
        return Ok(true);
    }
    can_be_read("/etc/group")?;
    listed
}

/// Who has no descriptor left for the machine's own file is told by the C library that nobody is in it, where it asks elsewhere as well
/// (nsswitch.conf(5)): it has the last word for all.
fn can_be_read(list: &str) -> Result<(), Errno> {
    match std::fs::File::open(list) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.raw_os_error().map_or(Errno::EIO, Errno::from_raw)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;

    /// What hangs until the end of its test, however that ends: threads that hang are waited for.
    struct Hanging(Mutex<bool>, Condvar);

    impl Hanging {
        const fn until_the_end() -> Self {
            Self(Mutex::new(false), Condvar::new())
        }

        fn hang(&self) {
            drop(self.1.wait_while(self.0.lock().unwrap(), |answers| !*answers).unwrap());
        }
    }

    /// It answers again.
    struct Again(&'static Hanging);

    impl Drop for Again {
        fn drop(&mut self) {
            *self.0.0.lock().unwrap() = true;
            self.0.1.notify_all();
        }
    }

    const GROUP: u32 = 4_000_000;

    fn caller(uid: u32) -> Caller {
        Caller { uid: Uid::from_raw(uid), gid: Gid::from_raw(4_000_001) }
    }

    fn named(_: Uid) -> Result<Option<User>, Errno> {
        User::from_uid(Uid::from_raw(0))
    }

    #[tokio::test]
    async fn a_directory_of_accounts_that_does_not_answer_keeps_nobody_waiting_and_lets_nobody_in()
    {
        static HANGS: Hanging = Hanging::until_the_end();
        let _again = Again(&HANGS);
        let hangs = Directory {
            user: |_| {
                HANGS.hang();
                Ok(None)
            },
            holds: |_, _| {
                HANGS.hang();
                Ok(true)
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
        let person = caller(4_000_003).looked_up(groups_hang).await;
        let known = person.standing(marie(), GROUP).await;
        assert_eq!(known, Standing::Person(PersonId::new("marie")), "a person needs no group");
        assert_eq!(person.standing(None, GROUP).await, Standing::Unknown);
    }

    #[tokio::test]
    async fn who_is_neither_person_nor_of_the_group_is_a_stranger() {
        let directory = Directory { user: |_| Ok(None), ..Directory::SYSTEM };
        let peer = caller(4_000_004).looked_up(directory).await;
        assert_eq!(peer.standing(None, GROUP).await, Standing::Stranger);
        assert_eq!(peer.standing(None, 4_000_001).await, Standing::Reader);
        let directory = Directory { user: named, holds: |_, _| Ok(true), ..Directory::SYSTEM };
        let peer = caller(4_000_004).looked_up(directory).await;
        assert_eq!(peer.standing(None, GROUP).await, Standing::Reader);
    }

    #[tokio::test]
    async fn one_account_for_which_the_directory_hangs_again_and_again_keeps_no_other_out() {
        static HANGS: Hanging = Hanging::until_the_end();
        let _again = Again(&HANGS);
        let hangs_for_one = Directory {
            user: |uid| {
                if uid.as_raw() == 4_000_005 {
                    HANGS.hang();
                }
                named(uid)
            },
            patience: Duration::from_millis(5),
            ..Directory::SYSTEM
        };
        for _ in 0..40 {
            let one = caller(4_000_005).looked_up(hangs_for_one).await;
            assert!(matches!(one.account, Account::Unanswered));
        }
        let directory = Directory { patience: PATIENCE, ..hangs_for_one };
        let other = caller(4_000_006).looked_up(directory).await;
        assert!(matches!(other.account, Account::Named(_)), "{other:?}");
        let root = caller(0).looked_up(directory).await;
        assert!(matches!(root.account, Account::Named(_)), "{root:?}");
    }

    #[test]
    fn the_turn_of_an_account_is_forgotten_when_nobody_has_it() {
        let uid = Uid::from_raw(4_000_007);
        let held = turn_of(uid).try_acquire_owned().unwrap();
        turn_of(Uid::from_raw(4_000_008));
        assert!(turn_of(uid).try_acquire_owned().is_err(), "somebody has it");
        let turn = Arc::downgrade(held.semaphore());
        drop(held);
        turn_of(Uid::from_raw(4_000_008));
        assert_eq!(turn.strong_count(), 0);
    }

    #[tokio::test]
    async fn a_directory_that_answers_with_an_error_makes_nobody_a_stranger() {
        let down = Directory { user: |_| Err(Errno::ENOENT), ..Directory::SYSTEM };
        let peer = caller(4_000_009).looked_up(down).await;
        assert_eq!(peer.standing(None, GROUP).await, Standing::Unknown);
        let marie = Some(PersonId::new("marie"));
        assert_eq!(peer.standing(marie, GROUP).await, Standing::Unknown);
        let full = Directory { user: named, holds: |_, _| Err(Errno::EMFILE), ..down };
        let peer = caller(4_000_009).looked_up(full).await;
        assert_eq!(peer.standing(None, GROUP).await, Standing::Unknown);
        let root = caller(0).looked_up(down).await;
        assert_eq!(root.standing(None, GROUP).await, Standing::Operator(None));
    }
}
