//! An image as it stands before its start: its facts, its merged tree, and whom it runs as.

use super::{Identity, UnknownUser};
use crate::image::capabilities::Capabilities;
use crate::image::config::Runtime;
use crate::image::tree::{NodeId, Tree};
use crate::inspect::{Inspection, Program};
use crate::manifest::{Container, Mount, MountKind};
use std::cell::OnceCell;
use std::collections::HashMap;

/// What engines and runtimes set where the image does not.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An image as it stands before its start.
pub(crate) struct ImageContext<'a> {
    pub(crate) inspection: &'a Inspection,
    pub(crate) tree: &'a Tree<'a>,
    /// What its config says, and a manifest changes.
    pub(crate) runtime: &'a Runtime,
    /// What a manifest says besides.
    pub(crate) container: Option<&'a Container>,
    /// Whom it runs as, where that can be told.
    pub(crate) identity: Option<Identity>,
    /// Why the engine refuses its USER.
    pub(crate) unknown_user: Option<UnknownUser>,
    /// Everything in the tree by its name, once somebody asks.
    by_name: OnceCell<HashMap<&'a str, Vec<NodeId>>>,
}

impl<'a> ImageContext<'a> {
    pub(crate) fn of(inspection: &'a Inspection, tree: &'a Tree<'a>) -> ImageContext<'a> {
        let runtime = &inspection.image.config.runtime;
        ImageContext::started_as(inspection, tree, runtime, None)
    }

    /// The same as a container has it: with this configuration, and these surroundings.
    pub(crate) fn started_as(
        inspection: &'a Inspection,
        tree: &'a Tree<'a>,
        runtime: &'a Runtime,
        container: Option<&'a Container>,
    ) -> ImageContext<'a> {
        let known = container.is_none_or(Container::user_known);
        let (mut identity, unknown_user) = match Identity::of(inspection, tree, &runtime.user) {
            _ if !known => (None, None),
            Ok(identity) => (identity, None),
            Err(unknown) => (None, Some(unknown)),
        };
        if let (Some(identity), Some(container)) = (&mut identity, container) {
            identity.groups.extend(&container.groups);
        }
        ImageContext {
            inspection,
            tree,
            runtime,
            container,
            identity,
            unknown_user,
            by_name: OnceCell::new(),
        }
    }

    /// What has this name, wherever it lies.
    pub(crate) fn named(&self, name: &str) -> &[NodeId] {
        let by_name = self.by_name.get_or_init(|| {
            let mut all: HashMap<_, Vec<_>> = HashMap::new();
            for id in self.tree.walk() {
                all.entry(self.tree.node(id).name).or_default().push(id);
            }
            all
        });
        by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The value that a variable of the image has; the last one counts.
    pub(crate) fn env(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.runtime.env.iter().rev();
        pairs.find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == name).then_some(value)
        })
    }

    /// Where commands without a slash are looked for: `PATH`.
    pub(crate) fn search_path(&self) -> &'a str {
        self.env("PATH").unwrap_or(PATH)
    }

    /// A path from the root, of one that may be relative to the working directory.
    pub(crate) fn absolute(&self, path: &str) -> String {
        match path.starts_with('/') {
            true => path.to_owned(),
            false => {
                let directory = self.runtime.working_dir.trim_end_matches('/');
                format!("{directory}/{path}")
            }
        }
    }

    /// What a file carries from `setcap`.
    pub(crate) fn capabilities(&self, id: NodeId) -> Option<&'a Capabilities> {
        self.tree.node(id).capabilities()
    }

    /// What is known of a file as a program.
    pub(crate) fn program(&self, id: NodeId) -> Option<&'a Program> {
        self.inspection.program(self.tree, id)
    }

    /// What a manifest mounts over a path.
    pub(crate) fn mount_at(&self, path: &str) -> Option<&'a Mount> {
        self.container?.mount_at(path)
    }

    /// Whether a manifest mounts something on a path, above it or below it.
    pub(crate) fn touched(&self, path: &str) -> bool {
        self.container
            .is_some_and(|container| container.touches(path))
    }

    /// What lies over a path and hides what the image has there.
    pub(crate) fn hidden_by(&self, path: &str) -> Option<&'a Mount> {
        let mount = self.mount_at(path)?;
        (mount.kind != MountKind::Filled).then_some(mount)
    }

    /// Whether a variable is set to what only the cluster knows.
    pub(crate) fn env_unknown(&self, name: &str) -> bool {
        self.container
            .is_some_and(|container| container.hides(name))
    }

    /// Whether something is mounted where this word would be looked up, so that it cannot be told
    /// what it leads to.
    pub(crate) fn leads_to_a_mount(&self, called: &str) -> bool {
        if called.contains('/') {
            return self.hidden_by(&self.absolute(called)).is_some();
        }
        let mut places = self.search_path().split(':');
        self.env_unknown("PATH") || places.any(|place| self.touched(place))
    }

    /// Whether a declared volume is at a directory, or above it.
    pub(crate) fn volume_at(&self, path: &str) -> bool {
        self.mount_at(path).is_some()
            || self.runtime.volumes.iter().any(|volume| {
                let volume = volume.trim_end_matches('/');
                path.strip_prefix(volume)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }
}
