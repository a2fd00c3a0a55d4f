//! A container of a manifest: what it changes in its image's configuration, and what surrounds it.

use super::capabilities::Changes;
use crate::image::config::{Healthcheck, Runtime};

/// Notes on what is not known; each is looked for among the others.
const MAX_NOTES: usize = 1000;

/// What starts containers from such a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Kubernetes.
    Kubernetes,
    /// Docker Compose.
    Compose,
    /// Amazon ECS.
    Ecs,
}

impl System {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            System::Kubernetes => "Kubernetes",
            System::Compose => "Compose",
            System::Ecs => "ECS",
        }
    }
}

/// A container as a manifest declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// `web`.
    pub name: String,
    /// What declares it: `Deployment/api`; empty in a Compose file.
    pub owner: String,
    /// The line on which it begins.
    pub line: u32,
    /// The image that it names.
    pub image: Option<String>,
    /// What only the cluster, or whoever starts it, knows.
    pub unknown: Vec<String>,
    /// What starts it.
    pub system: System,
    /// Replaces ENTRYPOINT, and then CMD too.
    pub(super) entrypoint: Option<Vec<String>>,
    /// Replaces CMD.
    pub(super) arguments: Option<Vec<String>>,
    /// Its first word hangs on a variable that is not here.
    pub(super) entrypoint_unknown: bool,
    /// The same of the arguments, whose first word is the program's where there is no entrypoint.
    pub(super) arguments_unknown: bool,
    /// `None`: it is set, and only the cluster knows to what.
    pub(super) env: Vec<(String, Option<String>)>,
    /// More variables come from elsewhere.
    pub(crate) env_elsewhere: bool,
    pub(super) user: User,
    /// Groups besides the user's own.
    pub(crate) groups: Vec<u64>,
    pub(crate) run_as_non_root: bool,
    pub(crate) read_only: bool,
    pub(super) working_dir: Option<String>,
    pub(super) ports: Vec<String>,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) capabilities: Changes,
    pub(crate) no_new_privileges: bool,
    /// `net.ipv4.ip_unprivileged_port_start`.
    pub(crate) unprivileged_ports_from: Option<u64>,
    /// As it is written: `512Mi`.
    pub(crate) memory: Option<String>,
    pub(super) health: Health,
    /// Exec probes besides the first one.
    pub(crate) more_probes: Vec<Vec<String>>,
}

/// Whom it runs as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum User {
    #[default]
    OfImage,
    Is(String),
    /// The image's user in this group.
    InGroup(u64),
    Unknown,
}

/// Which health check it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Health {
    #[default]
    OfImage,
    None,
    /// In the form of an image's configuration: `["CMD", …]`.
    Is(Vec<String>),
}

/// Something that lies over a path of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where, without a slash at its end.
    pub path: String,
    /// What lies there.
    pub kind: MountKind,
    /// Nobody may write to it.
    pub read_only: bool,
}

/// What lies over a path of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountKind {
    /// Empty, in memory, everybody may write.
    Tmpfs,
    /// Empty at first, everybody may write; `shared` with other containers, which may fill it.
    Empty {
        /// Another container of the same pod mounts it.
        shared: bool,
    },
    /// A volume that the engine makes, and fills with what the image has there.
    Filled,
    /// A secret or a configuration: files, read-only.
    Files,
    /// A path of the host, a claim: what is in it, nobody here knows.
    Other,
}

impl Container {
    pub(super) fn new(system: System, name: &str, line: u32) -> Container {
        Container {
            name: name.to_owned(),
            owner: String::new(),
            line,
            image: None,
            unknown: Vec::new(),
            system,
            entrypoint: None,
            arguments: None,
            entrypoint_unknown: false,
            arguments_unknown: false,
            env: Vec::new(),
            env_elsewhere: false,
            user: User::OfImage,
            groups: Vec::new(),
            run_as_non_root: false,
            read_only: false,
            working_dir: None,
            ports: Vec::new(),
            mounts: Vec::new(),
            capabilities: Changes::default(),
            no_new_privileges: false,
            unprivileged_ports_from: None,
            memory: None,
            health: Health::OfImage,
            more_probes: Vec::new(),
        }
    }

    /// What it is called where the manifest has several: `Deployment/api/web`.
    pub fn full_name(&self) -> String {
        match self.owner.is_empty() {
            true => self.name.clone(),
            false => format!("{}/{}", self.owner, self.name),
        }
    }

    /// The image's configuration as this container has it.
    pub fn over(&self, image: &Runtime) -> Runtime {
        let mut runtime = image.clone();
        if let Some(entrypoint) = &self.entrypoint {
            runtime.entrypoint = entrypoint.clone();
            runtime.cmd = Vec::new();
        }
        if let Some(arguments) = &self.arguments {
            runtime.cmd = arguments.clone();
        }
        for (name, value) in &self.env {
            let is_it = |pair: &String| pair.split_once('=').is_some_and(|(key, _)| key == name);
            runtime.env.retain(|pair| !is_it(pair));
            runtime
                .env
                .extend(value.as_ref().map(|value| format!("{name}={value}")));
        }
        match &self.user {
            User::OfImage | User::Unknown => {}
            User::Is(user) => runtime.user = user.clone(),
            User::InGroup(gid) => {
                let name = runtime.user.split(':').next().unwrap_or_default();
                let name = Some(name).filter(|name| !name.is_empty()).unwrap_or("0");
                runtime.user = format!("{name}:{gid}");
            }
        }
        if let Some(directory) = &self.working_dir {
            runtime.working_dir = directory.clone();
        }
        if !self.ports.is_empty() {
            runtime.exposed_ports = self.ports.clone();
        }
        match &self.health {
            Health::OfImage => {}
            Health::None => runtime.healthcheck = None,
            Health::Is(test) => {
                let check = runtime.healthcheck.unwrap_or_default();
                runtime.healthcheck = Some(Healthcheck {
                    test: test.clone(),
                    ..check
                });
            }
        }
        // What the manifest mounts there is what lies there.
        let covered = |path: &str| {
            let over = self.mount_at(path);
            over.is_some_and(|mount| mount.kind != MountKind::Filled)
        };
        runtime.volumes.retain(|volume| !covered(volume));
        let filled = self.mounts.iter().filter(|it| it.kind == MountKind::Filled);
        for mount in filled {
            if !mount.read_only && !runtime.volumes.contains(&mount.path) {
                runtime.volumes.push(mount.path.clone());
            }
        }
        runtime
    }

    /// The innermost mount that a path lies on.
    pub fn mount_at(&self, path: &str) -> Option<&Mount> {
        let over = self
            .mounts
            .iter()
            .filter(|mount| is_below(path, &mount.path));
        over.max_by_key(|mount| mount.path.len())
    }

    /// Whether something is mounted on a path, above it or below it.
    pub(crate) fn touches(&self, path: &str) -> bool {
        let mut mounts = self.mounts.iter();
        mounts.any(|mount| is_below(path, &mount.path) || is_below(&mount.path, path))
    }

    /// Whether a variable is set to what only the cluster knows.
    pub(crate) fn hides(&self, name: &str) -> bool {
        let set = self.env.iter().rev().find(|(key, _)| key == name);
        set.is_some_and(|(_, value)| value.is_none())
    }

    /// Whether the program's word hangs on a variable that is not here, in this container's
    /// configuration.
    pub(crate) fn command_unknown(&self, runtime: &Runtime) -> bool {
        self.entrypoint_unknown || (self.arguments_unknown && runtime.entrypoint.is_empty())
    }

    /// Whether whom it runs as is known.
    pub(crate) fn user_known(&self) -> bool {
        self.user != User::Unknown
    }

    /// Whether the manifest says whom it runs as, and with a number.
    pub(crate) fn user_said(&self) -> Option<&str> {
        match &self.user {
            User::Is(user) => Some(user),
            _ => None,
        }
    }

    pub(super) fn note(&mut self, unknown: impl Into<String>) {
        let unknown = unknown.into();
        if self.unknown.len() < MAX_NOTES && !self.unknown.contains(&unknown) {
            self.unknown.push(unknown);
        }
    }

    pub(super) fn mount(&mut self, path: &str, kind: MountKind, read_only: bool) {
        let path = match path.trim_end_matches('/') {
            "" => "/",
            path => path,
        };
        self.mounts.push(Mount {
            path: path.to_owned(),
            kind,
            read_only: read_only || kind == MountKind::Files,
        });
    }
}

/// Whether a path is that directory, or in it.
fn is_below(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let rest = path.strip_prefix(directory);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
