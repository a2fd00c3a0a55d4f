//! Who a container runs as, and what the kernel lets that user do with a file.
//!
//! Follows the engine: `moby/sys/user` (before that, runc's `libcontainer/user`) reads the
//! image's own `/etc/passwd` and `/etc/group`; a number needs neither.

use crate::image::notable::noted;
use crate::image::notes::{Group, Note, User};
use crate::image::tree::{NodeId, Tree};
use crate::inspect::Inspection;

/// What the engine makes of the image's `USER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) groups: Vec<u64>,
    /// What `HOME` is set to where the image does not set it.
    pub(crate) home: String,
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
enum List<'a, T> {
    Missing,
    Read(&'a [T]),
    /// There, but too large, or at the end of a link.
    Unread,
}

impl<'a, T> List<'a, T> {
    fn of(tree: &Tree<'_>, path: &str, lines: Option<&'a [T]>) -> Self {
        match lines {
            Some(lines) => List::Read(lines),
            None if tree.lookup(path).is_ok() => List::Unread,
            None => List::Missing,
        }
    }

    fn lines(&self) -> &'a [T] {
        match self {
            List::Read(lines) => lines,
            List::Missing | List::Unread => &[],
        }
    }

    /// Why a name that is not in it is not found.
    fn why(&self) -> Why {
        match self {
            List::Read(_) => Why::NoLine,
            List::Missing | List::Unread => Why::NoFile,
        }
    }
}

fn out_of_range(number: &str, what: &'static str, file: &'static str) -> UnknownUser {
    UnknownUser {
        name: number.to_owned(),
        what,
        file,
        why: Why::OutOfRange,
    }
}

impl Identity {
    /// `Ok(None)` where that cannot be told.
    pub(crate) fn of(
        inspection: &Inspection,
        tree: &Tree<'_>,
    ) -> Result<Option<Identity>, UnknownUser> {
        let spec = inspection.image.config.runtime.user.trim();
        let (name, group) = spec.split_once(':').unwrap_or((spec, ""));
        let (passwd, groups) = lists(inspection, tree);
        let number = if name.is_empty() {
            Some(0)
        } else {
            name.parse::<u64>().ok()
        };
        let found = passwd.lines().iter().find(|user| match number {
            Some(uid) => user.uid == uid,
            None => user.name == name,
        });
        let mut who = match (found, number) {
            (Some(user), _) => Identity {
                uid: user.uid,
                gid: user.gid,
                groups: Vec::new(),
                home: user.home.clone(),
            },
            // The engine would find a line that could not be read here.
            (None, Some(uid)) if uid > MAX_ID => match passwd {
                List::Unread => return Ok(None),
                _ => return Err(out_of_range(name, "user", "/etc/passwd")),
            },
            (None, Some(uid)) => Identity {
                uid,
                gid: 0,
                groups: Vec::new(),
                home: "/".into(),
            },
            (None, None) => match passwd {
                List::Unread => return Ok(None),
                _ => {
                    return Err(UnknownUser {
                        name: name.to_owned(),
                        what: "user",
                        file: "/etc/passwd",
                        why: passwd.why(),
                    });
                }
            },
        };
        if group.is_empty() {
            let of_user = |g: &&Group| found.is_some_and(|user| g.members.contains(&user.name));
            who.groups = groups
                .lines()
                .iter()
                .filter(of_user)
                .map(|g| g.gid)
                .collect();
            return Ok(Some(who));
        }
        let number = group.parse::<u64>().ok();
        let known = groups.lines().iter().find(|g| g.name == group);
        let listed = groups.lines().iter().any(|g| number == Some(g.gid));
        who.gid = match (number, known, groups) {
            (Some(gid), _, List::Unread) if gid > MAX_ID => return Ok(None),
            (Some(gid), _, _) if gid > MAX_ID && !listed => {
                return Err(out_of_range(group, "group", "/etc/group"));
            }
            (Some(gid), _, _) => gid,
            (None, Some(group), _) => group.gid,
            (None, None, List::Unread) => return Ok(None),
            (None, None, list) => {
                return Err(UnknownUser {
                    name: group.to_owned(),
                    what: "group",
                    file: "/etc/group",
                    why: list.why(),
                });
            }
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
        let (uid, gid) = node.entry.map_or((0, 0), |entry| (entry.uid, entry.gid));
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
    let users = match noted(tree, &inspection.seen, "/etc/passwd") {
        Some(Note::Users(users)) => Some(users.as_slice()),
        _ => None,
    };
    let groups = match noted(tree, &inspection.seen, "/etc/group") {
        Some(Note::Groups(groups)) => Some(groups.as_slice()),
        _ => None,
    };
    (
        List::of(tree, "/etc/passwd", users),
        List::of(tree, "/etc/group", groups),
    )
}
