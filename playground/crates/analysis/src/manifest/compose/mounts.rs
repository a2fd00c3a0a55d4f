//! What a Compose service mounts: volumes short and long, tmpfs, secrets and configurations.

use super::{Read, plain};
use crate::manifest::node::{Node, Value};
use crate::manifest::{Container, ManifestError, MountKind};

pub(super) fn read(node: &Node, container: &mut Container) -> Read<()> {
    if let Some(tmpfs) = node.get("tmpfs") {
        let nodes = match &tmpfs.value {
            Value::List(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(tmpfs),
        };
        for node in nodes {
            let text = plain(node, container)?;
            // `/tmp:size=64m,mode=1777`
            let (path, options) = text.split_once(':').unwrap_or((&text, ""));
            let read_only = options.split(',').any(|option| option == "ro");
            container.mount(path, MountKind::Tmpfs, read_only);
        }
    }
    for volume in node.list_of("volumes")? {
        match &volume.value {
            Value::Map(_) => long(volume, container)?,
            _ => short(volume, container)?,
        }
    }
    for (key, folder) in [("secrets", "/run/secrets/"), ("configs", "/")] {
        for node in node.list_of(key)? {
            let (name, target) = match &node.value {
                Value::Map(_) => {
                    let text = |key: &str, container: &mut Container| {
                        let found = node.get(key).map(|it| plain(it, container));
                        found.transpose()
                    };
                    let source = text("source", container)?.unwrap_or_default();
                    (source, text("target", container)?)
                }
                _ => (plain(node, container)?, None),
            };
            let path = match target {
                Some(path) if path.starts_with('/') => path,
                Some(path) => format!("{folder}{path}"),
                None => format!("{folder}{name}"),
            };
            container.mount(&path, MountKind::Files, true);
        }
    }
    if node.get("volumes_from").is_some() {
        container.note("the volumes that `volumes_from` brings along");
    }
    Ok(())
}

/// `data:/var/lib/app`, `./conf:/etc/app:ro`, `/var/lib/app`.
fn short(node: &Node, container: &mut Container) -> Read<()> {
    let text = plain(node, container)?;
    let parts: Vec<_> = outside_braces(&text);
    let (source, path, options) = match &*parts {
        [path] => (None, *path, ""),
        [source, path] => (Some(*source), *path, ""),
        [source, path, options] => (Some(*source), *path, *options),
        _ => {
            return Err(ManifestError::at(
                node.line,
                format!("{text:?} has too many colons for a volume"),
                "write it as `source`, `target` and `type`",
            ));
        }
    };
    let kind = match source {
        Some(source) if source.starts_with(['.', '/', '~', '$']) => MountKind::Other,
        _ => MountKind::Filled,
    };
    let read_only = options.split(',').any(|option| option == "ro");
    // Docker fills a new volume from the image, unless it is told not to.
    let kind = match options.split(',').any(|option| option == "nocopy") {
        true => MountKind::Other,
        false => kind,
    };
    mount(
        container,
        source.unwrap_or("no name"),
        path,
        kind,
        read_only,
    );
    Ok(())
}

fn long(node: &Node, container: &mut Container) -> Read<()> {
    let text = |key: &str, container: &mut Container| -> Read<Option<String>> {
        let found = node.get(key).map(|it| plain(it, container));
        found.transpose()
    };
    let kind = text("type", container)?;
    let source = text("source", container)?;
    let Some(path) = text("target", container)? else {
        let what = "a volume has no target";
        return Err(ManifestError::at(node.line, what, "target: /data"));
    };
    let nocopy = match node.get("volume") {
        Some(volume) => volume.truth_of("nocopy")?.unwrap_or(false),
        None => false,
    };
    let kind = match kind.as_deref() {
        Some("tmpfs") => MountKind::Tmpfs,
        Some("volume") | None if !nocopy => MountKind::Filled,
        _ => MountKind::Other,
    };
    let read_only = node.truth_of("read_only")?.unwrap_or(false);
    let source = source.as_deref().unwrap_or("no name");
    mount(container, source, &path, kind, read_only);
    Ok(())
}

fn mount(container: &mut Container, source: &str, path: &str, kind: MountKind, read_only: bool) {
    container.mount(path, kind, read_only);
    match kind {
        MountKind::Other => {
            container.note(format!(
                "what is in, and who may write to, {source} at {path}"
            ));
        }
        MountKind::Filled => {
            container.note(format!("what an older volume ({source}) has at {path}"));
        }
        _ => {}
    }
}

/// The parts between colons; those of `${DATA:?}` are none.
fn outside_braces(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let between = |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ':' && depth == 0
    };
    text.split(between).collect()
}
