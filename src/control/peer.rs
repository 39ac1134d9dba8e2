//! Who is at the other end of the control socket, by the kernel's word (`SO_PEERCRED`, unix(7)).

use nix::unistd::{Gid, Group, Uid, User, getgrouplist};
use tokio::net::UnixStream;

use crate::watch::name::PersonId;
use crate::watch::site::Site;

/// The account at the other end.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    uid: Uid,
    gid: Gid,
    user: Option<User>,
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
    /// Everybody else.
    Stranger,
}

impl Peer {
    /// By the kernel's word; an error where it says nothing of this peer.
    pub(super) fn of(stream: &UnixStream) -> std::io::Result<Self> {
        let credentials = stream.peer_cred()?;
        let uid = Uid::from_raw(credentials.uid());
        // An account that the machine does not know by name is known by its number alone.
        let user = User::from_uid(uid).ok().flatten();
        Ok(Self { uid, gid: Gid::from_raw(credentials.gid()), user })
    }

    /// The account's name, or its number.
    pub(super) fn account(&self) -> String {
        self.user.as_ref().map_or_else(|| self.uid.to_string(), |user| user.name.clone())
    }

    /// What it may do at this site; `group` is that of the socket.
    pub(super) fn standing(&self, site: &Site, group: u32) -> Standing {
        match site.person_of(&self.account()).cloned() {
            person if self.uid.is_root() || self.uid == Uid::effective() => {
                Standing::Operator(person)
            }
            Some(person) => Standing::Person(person),
            None if self.belongs_to(Gid::from_raw(group)) => Standing::Reader,
            None => Standing::Stranger,
        }
    }

    fn belongs_to(&self, group: Gid) -> bool {
        if self.gid == group {
            return true;
        }
        let by_list = self.user.as_ref().is_some_and(|user| {
            std::ffi::CString::new(user.name.as_bytes()).is_ok_and(|name| {
                getgrouplist(&name, user.gid).is_ok_and(|groups| groups.contains(&group))
            })
        });
        by_list
            || self.user.as_ref().is_some_and(|user| {
                Group::from_gid(group)
                    .ok()
                    .flatten()
                    .is_some_and(|group| group.mem.contains(&user.name))
            })
    }
}
