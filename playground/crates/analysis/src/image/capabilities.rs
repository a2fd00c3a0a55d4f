//! Rights that a file carries in its extended attributes, as `setcap` gives them.
//!
//! Source: `vfs_cap_data` in Linux' `include/uapi/linux/capability.h`, capabilities(7). In a
//! layer it is the PAX record `SCHILY.xattr.security.capability`, which engines put back.
//! Whether a container may use them, its engine decides: without the capability in its
//! bounding set, execve fails with EPERM; with `no-new-privileges` they do not count.

use serde::{Serialize, Serializer};
use std::fmt;

/// The kernel's names, by number, with blanks between them.
const NAMES: &str = "\
    chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable \
    net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio \
    sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time \
    sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog \
    wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore";
const NET_BIND_SERVICE: u32 = 10;

/// What a file may do beyond its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// What it may take, a bit for each.
    pub permitted: u64,
    /// What it may take if whoever starts it has it as inheritable.
    pub inheritable: u64,
    /// Whether it has what it may take from its first instruction on. Go programs take nothing
    /// by themselves.
    pub effective: bool,
    /// The user who is root where it counts; 0 is the host's.
    pub root: u32,
}

impl Capabilities {
    /// From the attribute's bytes; `None` for what the kernel would refuse.
    pub(super) fn parse(bytes: &[u8]) -> Option<Capabilities> {
        let words: Vec<u32> = bytes
            .chunks(4)
            .map(|four| four.try_into().map(u32::from_le_bytes).ok())
            .collect::<Option<_>>()?;
        let (permitted, inheritable, root) = match (words.first()? >> 24, &words[1..]) {
            (1, &[permitted, inheritable]) => (permitted.into(), inheritable.into(), 0),
            (2, &[p, i, p_high, i_high]) => (wide(p, p_high), wide(i, i_high), 0),
            (3, &[p, i, p_high, i_high, root]) => (wide(p, p_high), wide(i, i_high), root),
            _ => return None,
        };
        Some(Capabilities {
            permitted,
            inheritable,
            effective: words[0] & 1 == 1,
            root,
        })
    }

    /// Whether it may bind ports below 1024 without root, where the engine lets it.
    pub fn binds_low_ports(&self) -> bool {
        self.effective && self.permitted >> NET_BIND_SERVICE & 1 == 1
    }

    /// What it may take, by name: `cap_net_bind_service`.
    pub fn names(&self) -> Vec<String> {
        let set = |n: &u32| self.permitted >> n & 1 == 1;
        let name = |n: u32| match NAMES.split(' ').nth(n as usize) {
            Some(name) => format!("cap_{name}"),
            None => format!("cap_{n}"),
        };
        (0..64).filter(set).map(name).collect()
    }
}

/// As `getcap` writes them: `cap_net_bind_service=ep`.
impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effective = if self.effective { "e" } else { "" };
        let inheritable = if self.inheritable != 0 { "i" } else { "" };
        let names = self.names().join(",");
        write!(f, "{names}={effective}{inheritable}p")
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn wide(low: u32, high: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_revisions_are_read_and_what_is_none_is_refused() {
        let second = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        let found = Capabilities::parse(&second).expect("read");
        assert_eq!(
            found.to_string(),
            "cap_net_bind_service,cap_checkpoint_restore=ep"
        );
        assert!(found.binds_low_ports());
        let third = [&[0, 0, 0, 3][..], &second[4..], &[10, 0, 0, 0]].concat();
        let found = Capabilities::parse(&third).expect("read");
        assert_eq!((found.root, found.effective), (10, false));
        assert!(
            !found.binds_low_ports(),
            "Go does not take what it may take"
        );
        let first = [1, 0, 0, 1, 0, 0x20, 0, 0, 0, 0, 0, 0];
        let found = Capabilities::parse(&first).expect("read");
        assert_eq!(found.to_string(), "cap_net_raw=ep");
        for refused in [
            &second[..19],
            &second[..16],
            &third[..20],
            &[][..],
            &[1, 0, 0, 9],
        ] {
            assert_eq!(Capabilities::parse(refused), None, "{refused:?}");
        }
    }
}
