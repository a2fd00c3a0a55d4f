//! What containers may do: limits, namespaces, capabilities, mounts. Pure.
//!
//! [`host_config`] is the whole of the hardening, and the same for everything that is ever
//! run here. Content may ask for less than [`limits`], never for more.

use crate::container::{Attachment, ContainerRequest, Mounts};
use crate::owner::Owner;
use bollard::models::{
    HostConfig, HostConfigLogConfig, Mount, MountType, MountVolumeOptions, ResourcesUlimits,
};
use std::collections::HashMap;

/// The most that any container of ours may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory (and swap together) in bytes.
    pub memory_bytes: i64,
    /// CPU time in billionths of a core.
    pub nano_cpus: i64,
    /// Processes and threads.
    pub pids: i64,
    /// Run time in seconds.
    pub seconds: u32,
    /// Time on top for what is done to it while it runs (exec, debug, stop), in seconds.
    pub act_seconds: u32,
    /// Output kept, in bytes; the rest is read and dropped.
    pub output_bytes: usize,
}

/// The limits in force. They are code: no content and no client can raise them.
pub const fn limits() -> Limits {
    Limits {
        memory_bytes: 256 * 1024 * 1024,
        nano_cpus: 1_000_000_000,
        pids: 128,
        seconds: 30,
        act_seconds: 60,
        output_bytes: 64 * 1024,
    }
}

/// Everything that a container of ours may and may not do.
pub(super) fn host_config(request: &ContainerRequest) -> HostConfig {
    let most = limits();
    let memory = request.memory_bytes.map_or(most.memory_bytes, |asked| {
        asked.clamp(6 << 20, most.memory_bytes)
    });
    let ulimit = |name: &str, value: i64| ResourcesUlimits {
        name: Some(name.to_owned()),
        soft: Some(value),
        hard: Some(value),
    };
    HostConfig {
        network_mode: Some(match &request.attachment {
            Attachment::Isolated => "none".to_owned(),
            Attachment::PrivateNetwork(network, _) => network.name.clone(),
            Attachment::NetworkOf(container) | Attachment::NamespacesOf(container) => {
                format!("container:{container}")
            }
        }),
        pid_mode: match &request.attachment {
            Attachment::NamespacesOf(container) => Some(format!("container:{container}")),
            _ => None,
        },
        cap_add: match &request.attachment {
            // Debuggers need it where the kernel's Yama is strict. The processes that it
            // opens are those of the container under test.
            Attachment::NamespacesOf(_) => Some(vec!["SYS_PTRACE".to_owned()]),
            _ => None,
        },
        readonly_rootfs: Some(request.mounts.read_only),
        tmpfs: tmpfs(&request.mounts),
        sysctls: request.mounts.unprivileged_port_start.map(|port| {
            let name = "net.ipv4.ip_unprivileged_port_start".to_owned();
            HashMap::from([(name, port.to_string())])
        }),
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(vec!["no-new-privileges".to_owned()]),
        privileged: Some(false),
        memory: Some(memory),
        memory_swap: Some(memory),
        nano_cpus: Some(most.nano_cpus),
        pids_limit: Some(most.pids),
        ulimits: Some(vec![
            ulimit("nofile", 1024),
            ulimit("core", 0),
            ulimit("fsize", 256 << 20),
        ]),
        shm_size: Some(16 << 20),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".to_owned()),
            config: Some(HashMap::from([
                ("max-size".to_owned(), "1m".to_owned()),
                ("max-file".to_owned(), "1".to_owned()),
            ])),
        }),
        ..HostConfig::default()
    }
}

fn tmpfs(mounts: &Mounts) -> Option<HashMap<String, String>> {
    let options = "rw,noexec,nosuid,nodev,size=16m,mode=1777";
    let each = |path: &String| (path.clone(), options.to_owned());
    (!mounts.tmpfs.is_empty()).then(|| mounts.tmpfs.iter().map(each).collect())
}

/// Anonymous volumes go with their container; the label is for whoever finds one.
pub(super) fn volumes(owner: &Owner, request: &ContainerRequest) -> Option<Vec<Mount>> {
    let labels = owner.labels("volume");
    let each = |path: &String| Mount {
        target: Some(path.clone()),
        typ: Some(MountType::VOLUME),
        volume_options: Some(MountVolumeOptions {
            labels: Some(labels.clone()),
            ..MountVolumeOptions::default()
        }),
        ..Mount::default()
    };
    let volumes = &request.mounts.volumes;
    (!volumes.is_empty()).then(|| volumes.iter().map(each).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(attachment: Attachment, memory_bytes: Option<i64>) -> ContainerRequest {
        ContainerRequest {
            memory_bytes,
            ..ContainerRequest::new("n".into(), "i", attachment)
        }
    }

    #[test]
    fn every_container_is_locked_down() {
        let config = host_config(&request(Attachment::Isolated, None));
        assert_eq!(config.network_mode.as_deref(), Some("none"));
        assert_eq!(config.cap_drop, Some(vec!["ALL".to_owned()]));
        assert_eq!(
            config.security_opt,
            Some(vec!["no-new-privileges".to_owned()])
        );
        assert_eq!(config.privileged, Some(false));
        assert_eq!(config.memory, config.memory_swap);
        assert_eq!(config.pids_limit, Some(128));
        assert!(config.binds.is_none() && config.mounts.is_none() && config.devices.is_none());
        assert!(config.pid_mode.is_none() && config.ipc_mode.is_none());
        assert!(config.cap_add.is_none() && config.port_bindings.is_none());
    }

    #[test]
    fn a_debug_container_gets_ptrace_and_nothing_else() {
        let config = host_config(&request(Attachment::NamespacesOf("app".into()), None));
        assert_eq!(config.cap_add, Some(vec!["SYS_PTRACE".to_owned()]));
        assert_eq!(config.cap_drop, Some(vec!["ALL".to_owned()]));
        assert_eq!(config.pid_mode.as_deref(), Some("container:app"));
        assert_eq!(config.network_mode.as_deref(), Some("container:app"));
        assert_eq!(config.privileged, Some(false));
        assert!(config.binds.is_none() && config.mounts.is_none() && config.devices.is_none());
    }

    #[test]
    fn directories_in_memory_are_small_and_run_nothing() {
        let mut request = request(Attachment::Isolated, None);
        request.mounts.tmpfs.push("/tmp".into());
        let tmpfs = host_config(&request).tmpfs.unwrap_or_default();
        assert!(tmpfs["/tmp"].contains("noexec") && tmpfs["/tmp"].contains("size=16m"));
    }

    #[test]
    fn content_may_ask_for_less_memory_never_for_more() {
        let asked = |bytes| host_config(&request(Attachment::Isolated, Some(bytes))).memory;
        assert_eq!(asked(64 << 20), Some(64 << 20));
        assert_eq!(asked(1 << 40), Some(limits().memory_bytes));
    }
}
