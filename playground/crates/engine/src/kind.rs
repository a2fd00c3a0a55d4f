//! Kinds of engine: everything that differs between Docker and Podman, in one place.
//!
//! Another kind of engine is another variant here: how its version answer is recognised, where
//! it listens, what it lacks. The compiler then asks for each difference. Where it has no
//! BuildKit and writes its builds in words of its own, `build/transcript/line.rs` reads those;
//! words of its own for a refusal go into `refusals.rs`.
//! Refuses to know connections: it decides, and others act.

use bollard::models::SystemVersion;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The software that speaks Docker's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// Docker.
    Docker {
        /// Its major version (20, 28); `None` where it cannot be read.
        major: Option<u32>,
    },
    /// Podman, as root or not; tried with 4.3.1.
    Podman,
}

/// A way to an engine's builder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// BuildKit's gRPC on the engine's socket itself, in HTTP/2 without asking first.
    Native,
    /// BuildKit's gRPC behind `POST /grpc` and `POST /session`.
    Upgraded,
    /// No BuildKit: the classic endpoint.
    Classic,
}

impl EngineKind {
    /// Recognises an engine by what it says to `GET /version`; also what people call it.
    pub(crate) fn recognise(version: &SystemVersion) -> (EngineKind, String) {
        let components = version.components.iter().flatten();
        let mut names = components.map(|component| component.name.as_str());
        // Podman gives the host's distribution as its platform.
        if let Some(podman) = names.find(|name| name.contains("Podman")) {
            return (EngineKind::Podman, podman.to_owned());
        }
        let number = version.version.as_deref().unwrap_or_default();
        let major = number.split(|c: char| !c.is_ascii_digit()).next();
        let major = major.and_then(|major| major.parse().ok());
        let platform = version.platform.as_ref().map(|platform| &platform.name);
        let name = platform.filter(|name| !name.is_empty());
        let name = name.map_or("Docker Engine", String::as_str);
        (EngineKind::Docker { major }, name.to_owned())
    }

    /// The way to its builder, where the kind says it all. Docker is asked at its first build: it
    /// can be told to do without BuildKit, and its ways change with its versions.
    pub(crate) fn known_route(self) -> Option<Route> {
        match self {
            EngineKind::Docker { .. } => None,
            EngineKind::Podman => Some(Route::Classic),
        }
    }

    /// Whether containers on a private network find one another by name. Podman's networks may
    /// know no names: there, those who are beside go into `/etc/hosts`.
    pub(crate) fn networks_know_names(self) -> bool {
        match self {
            EngineKind::Docker { .. } => true,
            EngineKind::Podman => false,
        }
    }

    /// Options of an internal bridge that keep the host off it: without them the host answers
    /// at the gateway's address, with all that it listens to there. Podman does not know any.
    pub(crate) fn host_isolation_options(self) -> Option<HashMap<String, String>> {
        let option = ("com.docker.network.bridge.inhibit_ipv4", "true");
        let options = [option].map(|(key, value)| (key.to_owned(), value.to_owned()));
        match self {
            EngineKind::Docker { .. } => Some(HashMap::from(options)),
            EngineKind::Podman => None,
        }
    }
}

/// Whether an engine of this name is known to run programs for other CPUs: Docker Desktop always
/// does. Of others only trying tells.
pub(crate) fn surely_emulates(name: &str) -> bool {
    name.contains("Docker Desktop")
}

/// Whether the engine's runc executes a command before it gives the container's capabilities up, as
/// another user; `None` where it names no runc.
pub(crate) fn executes_with_rights(version: &SystemVersion) -> Option<bool> {
    let mut components = version.components.iter().flatten();
    let runc = components.find(|component| component.name == "runc")?;
    let mut numbers = runc.version.split('.').map(|part| {
        let digits = part.find(|c: char| !c.is_ascii_digit());
        part[..digits.unwrap_or(part.len())].parse::<u32>().ok()
    });
    let (major, minor) = (numbers.next()??, numbers.next()??);
    Some((major, minor) >= (1, 5))
}

/// What a socket's path starts from.
#[derive(Clone, Copy)]
enum Below {
    Root,
    Home,
    /// `XDG_RUNTIME_DIR`
    Runtime,
}

/// Where engines usually listen: Docker, Docker Desktop, Colima, OrbStack, Rancher Desktop,
/// rootless Docker, Podman. The first to be asked stands first.
const USUAL_SOCKETS: [(Below, &str); 11] = [
    (Below::Root, "/var/run/docker.sock"),
    (Below::Home, ".docker/run/docker.sock"),
    (Below::Home, ".docker/desktop/docker.sock"),
    (Below::Home, ".colima/default/docker.sock"),
    (Below::Home, ".colima/docker.sock"),
    (Below::Home, ".orbstack/run/docker.sock"),
    (Below::Home, ".rd/docker.sock"),
    (
        Below::Home,
        ".local/share/containers/podman/machine/podman.sock",
    ),
    (Below::Runtime, "docker.sock"),
    (Below::Runtime, "podman/podman.sock"),
    (Below::Root, "/run/podman/podman.sock"),
];

/// The usual sockets of every kind of engine, for this home and `XDG_RUNTIME_DIR`.
pub(crate) fn usual_sockets(home: &Path, runtime: Option<&Path>) -> Vec<PathBuf> {
    let place = |(below, path): &(Below, &str)| match below {
        Below::Root => Some(PathBuf::from(path)),
        Below::Home => Some(home.join(path)),
        Below::Runtime => Some(runtime?.join(path)),
    };
    USUAL_SOCKETS.iter().filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::{SystemVersionComponents, SystemVersionPlatform};

    fn version(platform: &str, components: &[&str], version: &str) -> SystemVersion {
        let component = |name: &&str| SystemVersionComponents {
            name: (*name).to_owned(),
            ..SystemVersionComponents::default()
        };
        SystemVersion {
            platform: Some(SystemVersionPlatform {
                name: platform.to_owned(),
            }),
            components: Some(components.iter().map(component).collect()),
            version: Some(version.to_owned()),
            ..SystemVersion::default()
        }
    }

    #[test]
    fn a_runc_of_today_executes_with_the_container_s_capabilities() {
        let with = |runc: &str| {
            let mut engine = version("", &["Engine", "runc"], "28.0");
            let components = engine.components.as_mut().expect("two");
            components[1].version = runc.to_owned();
            executes_with_rights(&engine)
        };
        assert_eq!(with("1.1.5+ds1"), Some(false));
        assert_eq!(with("1.5.0-rc.1"), Some(true));
        assert_eq!(with("2.0"), Some(true));
        assert_eq!(with("unknown"), None);
        assert_eq!(executes_with_rights(&version("", &["crun"], "5")), None);
    }

    #[test]
    fn podman_is_known_by_its_component() {
        let podman = version(
            "linux/amd64/debian-12",
            &["Podman Engine", "Conmon"],
            "4.3.1",
        );
        let known = (EngineKind::Podman, "Podman Engine".to_owned());
        assert_eq!(EngineKind::recognise(&podman), known);
    }

    #[test]
    fn docker_is_known_by_its_major_version() {
        let parts = ["Engine", "containerd"];
        for (platform, number, name, major) in [
            (
                "Docker Engine - Community",
                "28.1.1",
                "Docker Engine - Community",
                Some(28),
            ),
            ("", "20.10.24+dfsg1", "Docker Engine", Some(20)),
            ("", "dev", "Docker Engine", None),
        ] {
            let known = (EngineKind::Docker { major }, name.to_owned());
            assert_eq!(
                EngineKind::recognise(&version(platform, &parts, number)),
                known
            );
        }
        let silent = EngineKind::recognise(&SystemVersion::default());
        let known = (
            EngineKind::Docker { major: None },
            "Docker Engine".to_owned(),
        );
        assert_eq!(silent, known);
    }

    #[test]
    fn desktop_colima_orbstack_rootless_and_podman_are_looked_for() {
        let sockets = usual_sockets(Path::new("/h"), Some(Path::new("/run/user/1")));
        for wanted in [
            "/h/.docker/run/docker.sock",
            "/h/.colima/default/docker.sock",
            "/h/.orbstack/run/docker.sock",
            "/run/user/1/docker.sock",
            "/run/user/1/podman/podman.sock",
        ] {
            assert!(sockets.contains(&PathBuf::from(wanted)), "{wanted}");
        }
        assert_eq!(sockets.first(), Some(&"/var/run/docker.sock".into()));
    }

    /// `script/server` decides before there is a binary whether to install an engine.
    #[test]
    fn the_shell_looks_for_the_same_sockets_in_the_same_order() {
        let script = include_str!("../../../../script/lib.sh");
        let script = script
            .replace("$HOME", "/h")
            .replace("${XDG_RUNTIME_DIR:-/nonexistent}", "/r");
        let looked_for: Vec<PathBuf> = script
            .split(['"', ' ', ';', '\n'])
            .filter(|word| word.ends_with(".sock"))
            .map(PathBuf::from)
            .collect();
        let usual = usual_sockets(Path::new("/h"), Some(Path::new("/r")));
        assert_eq!(looked_for, usual);
    }

    #[test]
    fn without_a_runtime_directory_nothing_is_looked_for_in_one() {
        let all = usual_sockets(Path::new("/h"), Some(Path::new("/r")));
        assert_eq!(usual_sockets(Path::new("/h"), None).len(), all.len() - 2);
    }
}
