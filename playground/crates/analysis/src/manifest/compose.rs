//! Services of a Compose file.
//!
//! Source: the Compose specification (`spec.md` of compose-spec), its interpolation included.

mod mounts;

use super::container::{Health, User};
use super::node::{Node, Value};
use super::words::{interpolated, split};
use super::{Container, Manifest, ManifestError, System};

type Read<T> = Result<T, ManifestError>;

const PORT_SYSCTL: &str = "net.ipv4.ip_unprivileged_port_start";

pub(super) fn read(file: &Node, manifest: &mut Manifest) -> Read<()> {
    let Some(services) = file.get("services") else {
        return Ok(());
    };
    for (name, node) in services.map("services")? {
        let mut container = Container::new(System::Compose, name, node.line);
        if !node.is_null() {
            node.map(name)?;
            service(node, &mut container)?;
        }
        if file.get("include").is_some() {
            container.note("the files that `include` names");
        }
        manifest.containers.push(container);
    }
    Ok(())
}

fn service(node: &Node, container: &mut Container) -> Read<()> {
    if node.get("extends").is_some() {
        container.note("what `extends` brings along: `docker compose config` writes it out");
    }
    container.image = node
        .get("image")
        .map(|it| plain(it, container))
        .transpose()?;
    command(node, container)?;
    environment(node, container)?;
    rights(node, container)?;
    mounts::read(node, container)?;
    ports(node, container)?;
    memory(node, container)?;
    health(node, container)?;
    let directory = node.get("working_dir");
    container.working_dir = directory.map(|it| plain(it, container)).transpose()?;
    Ok(())
}

/// Text with its variables worked out, and whether all of them are known.
fn text(node: &Node, container: &mut Container) -> Read<(String, bool)> {
    let raw = node.text("it")?;
    let Some(found) = interpolated(raw) else {
        return Err(ManifestError::at(
            node.line,
            format!("Compose takes {raw:?} for a variable that is not well written"),
            "a dollar sign of its own is written $$",
        ));
    };
    for name in &found.defaults {
        container.note(format!(
            "{name} of whoever calls Compose: its default was taken"
        ));
    }
    for name in &found.unknown {
        container.note(format!("{name} of whoever calls Compose"));
    }
    Ok((found.text, found.unknown.is_empty()))
}

fn plain(node: &Node, container: &mut Container) -> Read<String> {
    Ok(text(node, container)?.0)
}

/// Words from a line or a list, and whether the first is known; `None` where they are not there or
/// null.
fn words(node: Option<&Node>, container: &mut Container) -> Read<Option<(Vec<String>, bool)>> {
    let Some(node) = node else { return Ok(None) };
    let Value::List(nodes) = &node.value else {
        let (line, known) = text(node, container)?;
        return match split(&line) {
            Some(words) => {
                let first = known || words.first().is_some_and(|word| !word.contains("${"));
                Ok(Some((words, first)))
            }
            None => Err(ManifestError::at(
                node.line,
                "a quote has no end",
                "write the command as a list: a string per word",
            )),
        };
    };
    let mut all = Vec::new();
    let mut first = true;
    for (n, word) in nodes.iter().enumerate() {
        let (word, known) = text(word, container)?;
        first &= n > 0 || known;
        all.push(word);
    }
    Ok(Some((all, first)))
}

fn command(node: &Node, container: &mut Container) -> Read<()> {
    let entrypoint = words(node.get("entrypoint"), container)?;
    let command = words(node.get("command"), container)?;
    if let Some((words, known)) = entrypoint {
        container.entrypoint_unknown = !known;
        container.entrypoint = Some(words);
    }
    if let Some((words, known)) = command {
        container.arguments_unknown = !known;
        container.arguments = Some(words);
    }
    Ok(())
}

fn environment(node: &Node, container: &mut Container) -> Read<()> {
    if node.get("env_file").is_some() {
        container.env_elsewhere = true;
        container.note("the variables of `env_file`");
    }
    let Some(variables) = node.get("environment") else {
        return Ok(());
    };
    let mut set = Vec::new();
    match &variables.value {
        Value::List(_) => {
            for node in variables.list("environment")? {
                let (pair, known) = text(node, container)?;
                match pair.split_once('=') {
                    Some((name, value)) => {
                        set.push((name.to_owned(), known.then(|| value.to_owned())))
                    }
                    None => set.push((pair, None)),
                }
            }
        }
        _ => {
            for (name, node) in variables.map("environment")? {
                let value = match node.is_null() {
                    true => None,
                    false => {
                        let (value, known) = text(node, container)?;
                        known.then_some(value)
                    }
                };
                set.push((name.clone(), value));
            }
        }
    }
    for (name, value) in &set {
        if value.is_none() {
            container.note(format!("the value of {name}"));
        }
    }
    container.env.extend(set);
    Ok(())
}

fn rights(node: &Node, container: &mut Container) -> Read<()> {
    if let Some(user) = node.get("user") {
        let (user, known) = text(user, container)?;
        container.user = match known {
            true => User::Is(user),
            false => User::Unknown,
        };
    }
    for group in node.list_of("group_add")? {
        let (group, _) = text(group, container)?;
        match group.parse() {
            Ok(group) => container.groups.push(group),
            Err(_) => container.note(format!("the number of the group {group}")),
        }
    }
    container.read_only = node.truth_of("read_only")?.unwrap_or(false);
    container.capabilities.privileged = node.truth_of("privileged")?.unwrap_or(false);
    for name in node.list_of("cap_add")? {
        let name = plain(name, container)?;
        container.capabilities.add(&name);
    }
    for name in node.list_of("cap_drop")? {
        let name = plain(name, container)?;
        container.capabilities.drop(&name);
    }
    for option in node.list_of("security_opt")? {
        let option = plain(option, container)?.replace('=', ":");
        container.no_new_privileges |=
            option == "no-new-privileges" || option == "no-new-privileges:true";
    }
    let Some(sysctls) = node.get("sysctls") else {
        return Ok(());
    };
    if let Value::List(nodes) = &sysctls.value {
        for node in nodes {
            let pair = plain(node, container)?;
            if let Some((PORT_SYSCTL, value)) = pair.split_once('=') {
                container.unprivileged_ports_from = value.trim().parse().ok();
            }
        }
    } else if let Some(value) = sysctls.get(PORT_SYSCTL) {
        container.unprivileged_ports_from = plain(value, container)?.parse().ok();
    }
    Ok(())
}

fn ports(node: &Node, container: &mut Container) -> Read<()> {
    for key in ["ports", "expose"] {
        for port in node.list_of(key)? {
            let (text, known) = match port.get("target") {
                Some(target) => {
                    let (target, known) = text(target, container)?;
                    let protocol = port.get("protocol");
                    let protocol = protocol.map(|it| plain(it, container)).transpose()?;
                    (
                        format!("{target}/{}", protocol.as_deref().unwrap_or("tcp")),
                        known,
                    )
                }
                None => text(port, container)?,
            };
            // `127.0.0.1:8080:80/udp`: the container's is the last.
            let inside = text.rsplit(':').next().unwrap_or(&text);
            let inside = match inside.contains('/') {
                true => inside.to_owned(),
                false => format!("{inside}/tcp"),
            };
            if known || !inside.contains("${") {
                container.ports.push(inside);
            }
        }
    }
    Ok(())
}

fn memory(node: &Node, container: &mut Container) -> Read<()> {
    let deployed = node.at(&["deploy", "resources", "limits", "memory"]);
    if let Some(limit) = node.get("mem_limit").or(deployed) {
        let (limit, known) = text(limit, container)?;
        container.memory = Some(limit).filter(|limit| known && limit != "0");
    }
    Ok(())
}

fn health(node: &Node, container: &mut Container) -> Read<()> {
    let Some(check) = node.get("healthcheck") else {
        return Ok(());
    };
    if check.truth_of("disable")? == Some(true) {
        container.health = Health::None;
        return Ok(());
    }
    let Some(test) = check.get("test") else {
        return Ok(());
    };
    let words = match &test.value {
        Value::List(nodes) => {
            let words = nodes.iter().map(|word| plain(word, container));
            words.collect::<Read<Vec<_>>>()?
        }
        _ => vec!["CMD-SHELL".to_owned(), plain(test, container)?],
    };
    container.health = match words.first().map(String::as_str) {
        Some("CMD" | "CMD-SHELL") => Health::Is(words),
        Some("NONE") => Health::None,
        _ => {
            return Err(ManifestError::at(
                test.line,
                "the list of a health check begins with CMD, CMD-SHELL or NONE",
                "test: [\"CMD\", \"/app\", \"-health\"]",
            ));
        }
    };
    Ok(())
}
