//! What containers may do: limits, namespaces, capabilities, mounts. Pure.
//!
//! [`host_config`] is the whole of the hardening, and the same for everything that is ever
//! run here. Its numbers are those of [`policy::limits`]; whoever asks may ask for less, never
//! for more.

use crate::container_request::{Attachment, ContainerRequest, Mounts};
use crate::owner::Owner;
use bollard::models::{
    HostConfig, HostConfigLogConfig, Mount, MountType, MountVolumeOptions, ResourcesUlimits,
};
use policy::limits::{
    MAX_FILE_BYTES, MAX_MEMORY_MIB, MAX_NANO_CPUS, MAX_OPEN_FILES, MAX_PIDS, MIN_MEMORY_MIB,
    MIN_NANO_CPUS, TMPFS_MIB,
};
use std::collections::HashMap;

/// Everything that a container of ours may and may not do.
pub(super) fn host_config(request: &ContainerRequest) -> HostConfig {
    let mib = |mib: u32| i64::from(mib) << 20;
    let (least, most) = (mib(MIN_MEMORY_MIB), mib(MAX_MEMORY_MIB));
    let memory = request.memory_bytes.unwrap_or(most).clamp(least, most);
    let cpus = request.nano_cpus.unwrap_or(MAX_NANO_CPUS);
    let cpus = cpus.clamp(MIN_NANO_CPUS, MAX_NANO_CPUS);
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
        nano_cpus: Some(cpus),
        pids_limit: Some(MAX_PIDS),
        ulimits: Some(vec![
            ulimit("nofile", MAX_OPEN_FILES),
            ulimit("core", 0),
            ulimit("fsize", MAX_FILE_BYTES),
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
    let options = format!("rw,noexec,nosuid,nodev,size={TMPFS_MIB}m,mode=1777");
    let each = |path: &String| (path.clone(), options.clone());
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
        assert_eq!(asked(1 << 40), Some(i64::from(MAX_MEMORY_MIB) << 20));
    }
}
