//! Capabilities that a file carries and a container does not have.
//!
//! The kernel refuses such a file where its effective bit is set (`bprm_caps_from_vfs_caps` in
//! `security/commoncap.c`): EPERM, for root as well, `no-new-privileges` or not. Refuses to know
//! what the program would do with them.

use super::{Problem, Sure};
use crate::image::capabilities::Capabilities;
use crate::preflight::rule::Rule;

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

/// Why this file is refused where nothing is added.
pub(in crate::preflight) fn beyond_docker(path: &str, rights: &Capabilities) -> Option<Problem> {
    // Those of another user's root do not count, and nor do bits that no kernel has a name for.
    if !rights.effective || rights.root != 0 {
        return None;
    }
    let known = |name: &String| name.bytes().all(|byte| !byte.is_ascii_digit());
    let names = rights.names().into_iter().filter(known);
    let beyond: Vec<_> = names.filter(|name| !GIVEN.contains(&&**name)).collect();
    if beyond.is_empty() {
        return None;
    }
    let options = beyond.iter().map(|name| {
        let name = name.trim_start_matches("cap_").to_uppercase();
        format!("--cap-add {name}")
    });
    let options = options.collect::<Vec<_>>().join(" ");
    Some(Problem {
        rule: Rule::FileCapabilities,
        what: format!(
            "{path} carries {}, which a container does not have unless it is added: operation not \
             permitted, for root too.",
            beyond.join(", ")
        ),
        evidence: vec![
            format!("security.capability of {path}: {rights}"),
            "not among the capabilities that Docker gives by itself".into(),
        ],
        fix: format!("docker run {options}; or leave them out where the program can do without"),
        sure: Sure::Surely,
    })
}
