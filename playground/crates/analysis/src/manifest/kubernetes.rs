//! Kubernetes objects: a Pod, or what makes Pods.
//!
//! Source: the API's `PodSpec` (`k8s.io/api/core/v1`), and the kubelet, which expands `$(NAME)`
//! (`third_party/forked/golang/expansion`) and never asks the image's HEALTHCHECK.

use super::container::{Health, User};
use super::node::Node;
use super::words::expanded;
use super::{Container, Manifest, ManifestError, MountKind, System};
use std::collections::BTreeMap;

type Read<T> = Result<T, ManifestError>;

/// Objects in lists in lists.
const MAX_LISTS: usize = 4;
/// They make Pods, and are wrong where they have none.
const WORKLOADS: [&str; 8] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
];
const PROBES: [&str; 3] = ["startupProbe", "readinessProbe", "livenessProbe"];

pub(super) fn read(object: &Node, manifest: &mut Manifest) -> Read<()> {
    object_in(object, manifest, 0)
}

fn object_in(object: &Node, manifest: &mut Manifest, depth: usize) -> Read<()> {
    let kind = object.strict_text_of("kind")?.unwrap_or_default();
    if let Some(items) = object.get("items").filter(|_| kind.ends_with("List")) {
        if depth >= MAX_LISTS {
            let what = "a List in a List in a List";
            return Err(ManifestError::at(
                object.line,
                what,
                "name the objects themselves",
            ));
        }
        for item in items.list("items")? {
            object_in(item, manifest, depth + 1)?;
        }
        return Ok(());
    }
    let name = match object.get("metadata") {
        Some(metadata) => metadata.strict_text_of("name")?,
        None => None,
    };
    let owner = match name {
        Some(name) => format!("{kind}/{name}"),
        None => kind.to_owned(),
    };
    let template: &[&str] = match kind {
        "Pod" => &["spec"],
        "PodTemplate" => &["template", "spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        // Others' objects, be it an Argo Rollout or a Knative Service, have it where a Deployment has.
        _ => &["spec", "template", "spec"],
    };
    let pod = object
        .at(template)
        .filter(|pod| pod.get("containers").is_some());
    let Some(pod) = pod else {
        if WORKLOADS.contains(&kind) {
            return Err(ManifestError::at(
                object.line,
                format!("{owner} has no {}.containers", template.join(".")),
                "`kubectl apply --dry-run=server -f FILE` says what the cluster thinks of it",
            ));
        }
        manifest
            .others
            .push(format!("{owner} (line {})", object.line));
        return Ok(());
    };
    let claims = object.at(&["spec", "volumeClaimTemplates"]);
    let pod = Pod::of(pod, claims)?;
    for (list, first) in [("initContainers", true), ("containers", false)] {
        for node in pod.node.list_of(list)? {
            let mut container = pod.container(node)?;
            container.owner.clone_from(&owner);
            if first {
                container.owner.push_str(" (init)");
            }
            manifest.containers.push(container);
        }
    }
    Ok(())
}

/// What the containers of a pod have in common.
struct Pod<'a> {
    node: &'a Node,
    volumes: BTreeMap<&'a str, MountKind>,
}

impl<'a> Pod<'a> {
    fn of(node: &'a Node, claims: Option<&'a Node>) -> Read<Pod<'a>> {
        let mut volumes = BTreeMap::new();
        let mut users: BTreeMap<&str, usize> = BTreeMap::new();
        for list in ["initContainers", "containers"] {
            for container in node.list_of(list)? {
                for mount in container.list_of("volumeMounts")? {
                    let name = mount.strict_text_of("name")?.unwrap_or_default();
                    *users.entry(name).or_default() += 1;
                }
            }
        }
        for volume in node.list_of("volumes")? {
            let name = volume.strict_text_of("name")?.unwrap_or_default();
            let has = |key: &str| volume.entry(key).is_some();
            let shared = users.get(name).is_some_and(|count| *count > 1);
            let kind = match () {
                () if has("emptyDir") => MountKind::Empty { shared },
                () if ["secret", "configMap", "projected", "downwardAPI"]
                    .into_iter()
                    .any(has) =>
                {
                    MountKind::Files
                }
                // Without any source it is an emptyDir.
                () if volume.keys().count() == 1 => MountKind::Empty { shared },
                () => MountKind::Other,
            };
            volumes.insert(name, kind);
        }
        if let Some(claims) = claims {
            for claim in claims.list("volumeClaimTemplates")? {
                let metadata = claim.get("metadata");
                let name = metadata.map(|it| it.strict_text_of("name")).transpose()?;
                volumes.insert(name.flatten().unwrap_or_default(), MountKind::Other);
            }
        }
        Ok(Pod { node, volumes })
    }

    fn container(&self, node: &Node) -> Read<Container> {
        let name = node.strict_text_of("name")?.unwrap_or_default();
        let mut container = Container::new(System::Kubernetes, name, node.line);
        container.image = node.strict_text_of("image")?.map(str::to_owned);
        environment(node, &mut container)?;
        command(node, &mut container)?;
        self.security(node, &mut container)?;
        self.mounts(node, &mut container)?;
        probes(node, &mut container)?;
        let directory = node.strict_text_of("workingDir")?;
        container.working_dir = directory.map(str::to_owned);
        for port in node.list_of("ports")? {
            if let Some(number) = port.number_of("containerPort")? {
                let protocol = port.strict_text_of("protocol")?.unwrap_or("TCP");
                let protocol = protocol.to_lowercase();
                container.ports.push(format!("{number}/{protocol}"));
            }
        }
        let memory = node.at(&["resources", "limits", "memory"]);
        let memory = memory.map(|memory| memory.text("memory")).transpose()?;
        container.memory = memory.map(str::to_owned);
        Ok(container)
    }

    /// What a container says goes before what its pod says.
    fn security(&self, node: &Node, container: &mut Container) -> Read<()> {
        let own = node.get("securityContext");
        let of_pod = self.node.get("securityContext");
        let number = |key: &str| -> Read<Option<u64>> {
            for context in [own, of_pod].into_iter().flatten() {
                if let Some(number) = context.number_of(key)? {
                    return Ok(Some(number));
                }
            }
            Ok(None)
        };
        let mut non_root = None;
        for context in [own, of_pod].into_iter().flatten() {
            non_root = non_root.or(context.truth_of("runAsNonRoot")?);
        }
        container.run_as_non_root = non_root.unwrap_or(false);
        container.user = match (number("runAsUser")?, number("runAsGroup")?) {
            (None, None) => User::OfImage,
            (None, Some(gid)) => User::InGroup(gid),
            (Some(uid), None) => User::Is(uid.to_string()),
            (Some(uid), Some(gid)) => User::Is(format!("{uid}:{gid}")),
        };
        if let Some(pod) = of_pod {
            for group in pod.list_of("supplementalGroups")? {
                container.groups.push(group.number("supplementalGroups")?);
            }
            container.groups.extend(pod.number_of("fsGroup")?);
            for sysctl in pod.list_of("sysctls")? {
                if sysctl.strict_text_of("name")? == Some("net.ipv4.ip_unprivileged_port_start") {
                    container.unprivileged_ports_from = sysctl.number_of("value")?;
                }
            }
        }
        let Some(own) = own else { return Ok(()) };
        container.read_only = own.truth_of("readOnlyRootFilesystem")?.unwrap_or(false);
        container.no_new_privileges = own.truth_of("allowPrivilegeEscalation")? == Some(false);
        container.capabilities.privileged = own.truth_of("privileged")?.unwrap_or(false);
        if let Some(changes) = own.get("capabilities") {
            for name in changes.list_of("add")? {
                container.capabilities.add(name.strict_text("add")?);
            }
            for name in changes.list_of("drop")? {
                container.capabilities.drop(name.strict_text("drop")?);
            }
        }
        Ok(())
    }

    fn mounts(&self, node: &Node, container: &mut Container) -> Read<()> {
        for mount in node.list_of("volumeMounts")? {
            let name = mount.strict_text_of("name")?.unwrap_or_default();
            let Some(kind) = self.volumes.get(name) else {
                return Err(ManifestError::at(
                    mount.line,
                    format!(
                        "{} mounts the volume {name:?}, and the pod has none of that name",
                        container.name
                    ),
                    "declare it under `volumes`",
                ));
            };
            let Some(path) = mount.strict_text_of("mountPath")? else {
                let what = format!("the mount of {name:?} has no mountPath");
                return Err(ManifestError::at(mount.line, what, "mountPath: /data"));
            };
            container.mount(path, *kind, mount.truth_of("readOnly")?.unwrap_or(false));
            let what = match kind {
                MountKind::Files => "the files of",
                MountKind::Other => "what is in, and who may write to,",
                _ => continue,
            };
            container.note(format!("{what} the volume {name} at {path}"));
        }
        Ok(())
    }
}

fn environment(node: &Node, container: &mut Container) -> Read<()> {
    for source in node.list_of("envFrom")? {
        container.env_elsewhere = true;
        for (kind, words) in [("configMapRef", "configMap"), ("secretRef", "secret")] {
            if let Some(from) = source.get(kind) {
                let name = from.strict_text_of("name")?.unwrap_or_default();
                container.note(format!("the variables of the {words} {name}"));
            }
        }
    }
    for variable in node.list_of("env")? {
        let Some(name) = variable.strict_text_of("name")? else {
            let what = "a variable of `env` has no name";
            return Err(ManifestError::at(variable.line, what, "name: NAME"));
        };
        let value = if variable.get("valueFrom").is_some() {
            container.note(format!("the value of {name}"));
            None
        } else {
            let text = variable.strict_text_of("value")?.unwrap_or_default();
            let (text, unknown) = expanded(text, |name| known(container, name));
            unknown.is_empty().then_some(text)
        };
        container.env.push((name.to_owned(), value));
    }
    Ok(())
}

/// The value of a variable that the container has; `None` where it has none of that name.
fn known(container: &Container, name: &str) -> Option<Option<String>> {
    let set = container.env.iter().rev().find(|(key, _)| key == name);
    match set {
        Some((_, value)) => Some(value.clone()),
        None => container.env_elsewhere.then_some(None),
    }
}

fn command(node: &Node, container: &mut Container) -> Read<()> {
    let expand = |words: Vec<String>, container: &mut Container| -> (Vec<String>, bool) {
        let mut first_unknown = false;
        let mut out = Vec::new();
        for (n, word) in words.into_iter().enumerate() {
            let (text, unknown) = expanded(&word, |name| known(container, name));
            first_unknown |= n == 0 && !unknown.is_empty();
            for name in unknown {
                container.note(format!("the value of {name}, which the command names"));
            }
            out.push(text);
        }
        (out, first_unknown)
    };
    // An empty list is none.
    let words = node
        .strict_words_of("command")?
        .filter(|words| !words.is_empty());
    let arguments = node
        .strict_words_of("args")?
        .filter(|words| !words.is_empty());
    if let Some(words) = words {
        let (words, unknown) = expand(words, container);
        container.entrypoint = Some(words);
        container.entrypoint_unknown = unknown;
    }
    if let Some(words) = arguments {
        let (words, unknown) = expand(words, container);
        container.arguments = Some(words);
        container.arguments_unknown = unknown;
    }
    Ok(())
}

fn probes(node: &Node, container: &mut Container) -> Read<()> {
    container.health = Health::None;
    let mut all: Vec<Vec<String>> = Vec::new();
    for probe in PROBES {
        let Some(exec) = node.at(&[probe, "exec"]) else {
            continue;
        };
        let words = exec.strict_words_of("command")?.unwrap_or_default();
        if !words.is_empty() && !all.contains(&words) {
            all.push(words);
        }
    }
    if !all.is_empty() {
        let mut test = vec!["CMD".to_owned()];
        test.extend(all.remove(0));
        container.health = Health::Is(test);
        container.more_probes = all;
    }
    Ok(())
}
