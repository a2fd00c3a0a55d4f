//! Who a container runs as, and what the kernel lets that user do with a file.
//!
//! Follows the engine: `moby/sys/user` (before that, runc's `libcontainer/user`) reads the
//! image's own `/etc/passwd` and `/etc/group`; a number needs neither.

use crate::image::notable::{noted, users};
use crate::image::notes::{Group, Note, User};
use crate::image::tree::{NodeId, Tree};
use crate::inspect::Inspection;

/// What the engine makes of the image's `USER`, or a manifest's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) groups: Vec<u64>,
}

/// Why the engine refuses the image's `USER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownUser {
    /// The name that it looked for.
    pub(crate) name: String,
    /// `user` or `group`.
    pub(crate) what: &'static str,
    /// `/etc/passwd` or `/etc/group`.
    pub(crate) file: &'static str,
    /// What is wrong with it.
    pub(crate) why: Why,
}

/// Why the engine finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The file is not there.
    NoFile,
    /// `/etc` is a link, and Docker puts a directory of its own in its place, for `hosts` and
    /// `resolv.conf` (`Setup` in moby's `daemon/initlayer`).
    EtcIsLink,
    /// It has no such line.
    NoLine,
    /// No line has that number, and without one it is too large.
    OutOfRange,
}

/// The largest id that the engine takes without a line in a file (`moby/sys/user`: `maxID`).
pub(crate) const MAX_ID: u64 = (1 << 31) - 1;

/// What may be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    Read = 0o4,
    Write = 0o2,
    Execute = 0o1,
}

/// A list of accounts as far as it is known.
struct List<'a, T> {
    /// Of whom: `user` or `group`.
    what: &'static str,
    file: &'static str,
    /// `None` where the file is not there, too large, or at the end of a link.
    read: Option<&'a [T]>,
    there: bool,
    /// Whether `/etc` is a link.
    replaced: bool,
}

impl<'a, T> List<'a, T> {
    fn lines(&self) -> &'a [T] {
        self.read.unwrap_or_default()
    }

    /// Why the engine refuses what is not in it; `Ok(None)` where it would find a line that could
    /// not be read here.
    fn lacks(&self, name: &str, why: Why) -> Result<Option<Identity>, UnknownUser> {
        if self.read.is_none() && self.there {
            return Ok(None);
        }
        Err(UnknownUser {
            name: name.to_owned(),
            what: self.what,
            file: self.file,
            why,
        })
    }

    /// Why a name that is not in it is not found.
    fn why(&self) -> Why {
        match self.read {
            _ if self.replaced => Why::EtcIsLink,
            Some(_) => Why::NoLine,
            None => Why::NoFile,
        }
    }
}

impl Identity {
    /// `Ok(None)` where that cannot be told.
    pub(crate) fn of(
        inspection: &Inspection,
        tree: &Tree<'_>,
        user: &str,
    ) -> Result<Option<Identity>, UnknownUser> {
        let spec = user.trim();
        let (name, group) = spec.split_once(':').unwrap_or((spec, ""));
        let (passwd, groups) = lists(inspection, tree);
        let number = match name {
            "" => Some(0),
            name => name.parse::<u64>().ok(),
        };
        let found = passwd.lines().iter().find(|user| match number {
            Some(uid) => user.uid == uid,
            None => user.name == name,
        });
        let (uid, gid) = match (found, number) {
            (Some(user), _) => (user.uid, user.gid),
            (None, Some(uid)) if uid <= MAX_ID => (uid, 0),
            (None, Some(_)) => return passwd.lacks(name, Why::OutOfRange),
            (None, None) => return passwd.lacks(name, passwd.why()),
        };
        let mut who = Identity {
            uid,
            gid,
            groups: Vec::new(),
        };
        let lines = groups.lines().iter();
        if group.is_empty() {
            let of_user = |g: &&Group| found.is_some_and(|user| g.members.contains(&user.name));
            who.groups = lines.filter(of_user).map(|g| g.gid).collect();
            return Ok(Some(who));
        }
        let number = group.parse::<u64>().ok();
        let listed = lines.clone().any(|g| number == Some(g.gid));
        let known = lines.clone().find(|g| g.name == group);
        who.gid = match (number, known) {
            (Some(gid), _) if gid <= MAX_ID || listed => gid,
            (Some(_), _) => return groups.lacks(group, Why::OutOfRange),
            (None, Some(group)) => group.gid,
            (None, None) => return groups.lacks(group, groups.why()),
        };
        Ok(Some(who))
    }

    /// Whether the kernel would let this user do that, by the mode of the file alone: root may
    /// read and write everything, and execute what anybody may.
    pub(crate) fn may(&self, tree: &Tree<'_>, id: NodeId, right: Right) -> bool {
        let node = tree.node(id);
        let mode = node.mode();
        if self.uid == 0 {
            return right != Right::Execute || node.is_directory() || mode & 0o111 != 0;
        }
        let (uid, gid) = node.owner();
        let shift = match () {
            () if uid == self.uid => 6,
            () if gid == self.gid || self.groups.contains(&gid) => 3,
            () => 0,
        };
        mode >> shift & right as u32 != 0
    }

    /// The first directory on the way to a path that this user may not enter.
    pub(crate) fn stopped_at(&self, tree: &Tree<'_>, path: &str) -> Option<String> {
        let file = tree
            .lookup(path)
            .map(|id| tree.path(id))
            .unwrap_or_default();
        let ways = [path, &file].map(|path| {
            let ends = path.match_indices('/').map(|(at, _)| at);
            ends.map(move |at| &path[..at])
                .filter(|way| !way.is_empty())
        });
        ways.into_iter().flatten().find_map(|way| {
            let id = tree.lookup(way).ok()?;
            let shut = tree.node(id).is_directory() && !self.may(tree, id, Right::Execute);
            shut.then(|| tree.path(id))
        })
    }
}

fn lists<'a>(inspection: &'a Inspection, tree: &Tree<'_>) -> (List<'a, User>, List<'a, Group>) {
    let etc = tree.lookup_link("/etc");
    let replaced = etc.is_ok_and(|id| tree.node(id).target().is_some());
    let groups = match noted(tree, &inspection.seen, "/etc/group") {
        Some(Note::Groups(groups)) if !replaced => Some(groups.as_slice()),
        _ => None,
    };
    let users = List {
        what: "user",
        file: "/etc/passwd",
        read: users(tree, &inspection.seen).filter(|_| !replaced),
        there: !replaced && tree.lookup("/etc/passwd").is_ok(),
        replaced,
    };
    let groups = List {
        what: "group",
        file: "/etc/group",
        read: groups,
        there: !replaced && tree.lookup("/etc/group").is_ok(),
        replaced,
    };
    (users, groups)
}
