//! ECS task definitions, as they are registered or as `aws ecs describe-task-definition` prints them.
//!
//! Source: the API reference of Amazon ECS, `ContainerDefinition` and `RegisterTaskDefinition`.

use super::container::{Health, User};
use super::node::Node;
use super::{Container, Manifest, ManifestError, MountKind, System};
use std::collections::BTreeMap;

type Read<T> = Result<T, ManifestError>;

pub(super) fn read(document: &Node, manifest: &mut Manifest) -> Read<()> {
    let task = document.get("taskDefinition").unwrap_or(document);
    let Some(definitions) = task.get("containerDefinitions") else {
        let what = "the task definition has no containerDefinitions";
        return Err(ManifestError::at(
            task.line,
            what,
            "name the task definition itself",
        ));
    };
    let family = task.strict_text_of("family")?.unwrap_or_default();
    let definitions = definitions.list("containerDefinitions")?;
    let volumes = volumes(task)?;
    for node in definitions {
        let mut container = container(node, &volumes)?;
        container.owner = family.to_owned();
        if container.memory.is_none() {
            container.memory = mebibytes(task.get("memory"))?;
        }
        manifest.containers.push(container);
    }
    Ok(())
}

fn volumes(task: &Node) -> Read<BTreeMap<&str, MountKind>> {
    let mut volumes = BTreeMap::new();
    for volume in task.list_of("volumes")? {
        let name = volume.strict_text_of("name")?.unwrap_or_default();
        let host = volume.at(&["host", "sourcePath"]).is_some();
        let local = |key: &str| ["name", "host", "dockerVolumeConfiguration"].contains(&key);
        // Another key is another file system: EFS, FSx, EBS.
        let empty = |key: &&str| volume.get(key).is_none();
        let elsewhere = volume.keys().any(|key| !local(key) && !empty(&key));
        let kind = match host || elsewhere {
            true => MountKind::Other,
            // The agent makes a volume of the engine's, which is filled from the image.
            false => MountKind::Filled,
        };
        volumes.insert(name, kind);
    }
    Ok(volumes)
}

fn container(node: &Node, volumes: &BTreeMap<&str, MountKind>) -> Read<Container> {
    let name = node.strict_text_of("name")?.unwrap_or_default();
    let mut container = Container::new(System::Ecs, name, node.line);
    container.image = node.strict_text_of("image")?.map(str::to_owned);
    let words = |key: &str| -> Read<Option<Vec<String>>> {
        Ok(node.strict_words_of(key)?.filter(|words| !words.is_empty()))
    };
    container.entrypoint = words("entryPoint")?;
    container.arguments = words("command")?;
    let directory = node.strict_text_of("workingDirectory")?;
    container.working_dir = directory.map(str::to_owned);
    let user = node.strict_text_of("user")?.filter(|user| !user.is_empty());
    container.user = user.map_or(User::OfImage, |user| User::Is(user.to_owned()));
    container.read_only = node.truth_of("readonlyRootFilesystem")?.unwrap_or(false);
    container.capabilities.privileged = node.truth_of("privileged")?.unwrap_or(false);
    container.memory = mebibytes(node.get("memory"))?;
    environment(node, &mut container)?;
    for option in node.list_of("dockerSecurityOptions")? {
        let option = option.strict_text("dockerSecurityOptions")?;
        container.no_new_privileges |= option.starts_with("no-new-privileges");
    }
    for control in node.list_of("systemControls")? {
        if control.strict_text_of("namespace")? == Some("net.ipv4.ip_unprivileged_port_start") {
            container.unprivileged_ports_from = control.number_of("value")?;
        }
    }
    for port in node.list_of("portMappings")? {
        if let Some(number) = port.number_of("containerPort")? {
            let protocol = port.strict_text_of("protocol")?.unwrap_or("tcp");
            container.ports.push(format!("{number}/{protocol}"));
        }
    }
    linux(node, &mut container)?;
    for mount in node.list_of("mountPoints")? {
        let name = mount.strict_text_of("sourceVolume")?.unwrap_or_default();
        let Some(kind) = volumes.get(name) else {
            return Err(ManifestError::at(
                mount.line,
                format!(
                    "{} mounts the volume {name:?}, and the task has none of that name",
                    container.name
                ),
                "declare it under `volumes`",
            ));
        };
        let Some(path) = mount.strict_text_of("containerPath")? else {
            let what = format!("the mount of {name:?} has no containerPath");
            return Err(ManifestError::at(
                mount.line,
                what,
                "\"containerPath\": \"/data\"",
            ));
        };
        container.mount(path, *kind, mount.truth_of("readOnly")?.unwrap_or(false));
        if *kind == MountKind::Other {
            container.note(format!(
                "what is in, and who may write to, the volume {name} at {path}"
            ));
        }
    }
    let check = match node.get("healthCheck") {
        Some(check) => check.strict_words_of("command")?,
        None => None,
    };
    // ECS does not look at the image's own.
    container.health = match check {
        Some(words) if matches!(words.first().map(String::as_str), Some("CMD" | "CMD-SHELL")) => {
            Health::Is(words)
        }
        _ => Health::None,
    };
    Ok(container)
}

fn environment(node: &Node, container: &mut Container) -> Read<()> {
    if !node.list_of("environmentFiles")?.is_empty() {
        container.env_elsewhere = true;
        container.note("the variables of environmentFiles");
    }
    for variable in node.list_of("environment")? {
        let name = variable.strict_text_of("name")?.unwrap_or_default();
        let value = variable.strict_text_of("value")?.unwrap_or_default();
        container
            .env
            .push((name.to_owned(), Some(value.to_owned())));
    }
    for secret in node.list_of("secrets")? {
        let name = secret.strict_text_of("name")?.unwrap_or_default();
        container.note(format!("the value of {name}"));
        container.env.push((name.to_owned(), None));
    }
    Ok(())
}

fn linux(node: &Node, container: &mut Container) -> Read<()> {
    let Some(linux) = node.get("linuxParameters") else {
        return Ok(());
    };
    if let Some(changes) = linux.get("capabilities") {
        for name in changes.list_of("add")? {
            container.capabilities.add(name.strict_text("add")?);
        }
        for name in changes.list_of("drop")? {
            container.capabilities.drop(name.strict_text("drop")?);
        }
    }
    for tmpfs in linux.list_of("tmpfs")? {
        let Some(path) = tmpfs.strict_text_of("containerPath")? else {
            continue;
        };
        let mut read_only = false;
        for option in tmpfs.list_of("mountOptions")? {
            read_only |= option.strict_text("mountOptions")? == "ro";
        }
        container.mount(path, MountKind::Tmpfs, read_only);
    }
    Ok(())
}

/// ECS counts memory in MiB, for a task in quotes.
fn mebibytes(node: Option<&Node>) -> Read<Option<String>> {
    let memory = node.map(|node| node.text("memory")).transpose()?;
    Ok(memory.map(|memory| match memory.parse::<u64>() {
        Ok(_) => format!("{memory} MiB"),
        Err(_) => memory.to_owned(),
    }))
}
