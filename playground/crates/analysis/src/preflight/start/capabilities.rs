//! Capabilities that a file carries and a container does not have.
//!
//! The kernel refuses such a file where its effective bit is set (`bprm_caps_from_vfs_caps` in
//! `security/commoncap.c`): EPERM, for root as well, `no-new-privileges` or not. Refuses to know
//! what the program would do with them.

use crate::image::capabilities::Capabilities;
use crate::manifest::Container;

/// What Docker gives where nobody says otherwise (`oci/caps/defaults.go` of moby). Podman gives
/// fewer.
const GIVEN: [&str; 14] = [
    "cap_audit_write",
    "cap_chown",
    "cap_dac_override",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_mknod",
    "cap_net_bind_service",
    "cap_net_raw",
    "cap_setfcap",
    "cap_setgid",
    "cap_setpcap",
    "cap_setuid",
    "cap_sys_chroot",
];

/// Whether a container has this capability, by its manifest where there is one.
pub(in crate::preflight) fn has_capability(container: Option<&Container>, name: &str) -> bool {
    let given = GIVEN.contains(&name);
    container.map_or(given, |container| container.capabilities.leave(name, given))
}

/// The capabilities that a container lacks for this file.
pub(in crate::preflight) fn lacking(
    container: Option<&Container>,
    carried: &Capabilities,
) -> Vec<String> {
    // Those of another user's root do not count, and nor do bits that no kernel has a name for.
    if !carried.effective || carried.root != 0 {
        return Vec::new();
    }
    let known = |name: &String| name.bytes().all(|byte| !byte.is_ascii_digit());
    let names = carried.names().into_iter().filter(known);
    names
        .filter(|name| !has_capability(container, name))
        .collect()
}
