//! An image's config: what a container of it would start, and how the image came about.
//!
//! Source of every fact: the OCI image specification's `config.json`, with Docker's additions
//! (`Healthcheck`, `Shell`).

use super::selector::Platform;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// What the image's config says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// `linux/amd64`, `linux/arm/v7`.
    pub platform: Platform,
    /// What a container starts with.
    pub runtime: Runtime,
    /// What happened, from the base up.
    pub history: Vec<HistoryEntry>,
    /// Digests of the plain tars of the layers, from the base up.
    pub diff_ids: Vec<String>,
}

/// What a container of the image starts with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Runtime {
    /// Before the command's words; a shell form is `["/bin/sh", "-c", "…"]`.
    #[serde(deserialize_with = "or_default")]
    pub entrypoint: Vec<String>,
    /// The command's words.
    #[serde(deserialize_with = "or_default")]
    pub cmd: Vec<String>,
    /// `NAME=value`.
    #[serde(deserialize_with = "or_default")]
    pub env: Vec<String>,
    /// Name or number, perhaps `user:group`; empty is root.
    #[serde(deserialize_with = "or_default")]
    pub user: String,
    /// Directory that it starts in; empty is `/`.
    #[serde(deserialize_with = "or_default")]
    pub working_dir: String,
    /// `8080/tcp`.
    #[serde(deserialize_with = "keys")]
    pub exposed_ports: Vec<String>,
    /// Paths of anonymous volumes.
    #[serde(deserialize_with = "keys")]
    pub volumes: Vec<String>,
    /// What the engine asks from time to time.
    pub healthcheck: Option<Healthcheck>,
    /// `NAME` → value.
    #[serde(deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
    /// What shell forms run in; empty is `/bin/sh -c`.
    #[serde(deserialize_with = "or_default")]
    pub shell: Vec<String>,
    /// `SIGTERM` where empty.
    #[serde(deserialize_with = "or_default")]
    pub stop_signal: String,
}

/// What the engine asks from time to time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Healthcheck {
    /// `["CMD", …]`, `["CMD-SHELL", "…"]` or `["NONE"]`.
    #[serde(deserialize_with = "or_default")]
    pub test: Vec<String>,
    /// Nanoseconds between two questions; 0 is the engine's default.
    #[serde(deserialize_with = "or_default")]
    pub interval: i64,
    /// Nanoseconds until a question counts as failed; 0 is the engine's default.
    #[serde(deserialize_with = "or_default")]
    pub timeout: i64,
    /// Nanoseconds in which failures do not count.
    #[serde(deserialize_with = "or_default")]
    pub start_period: i64,
    /// Failures until it is unhealthy; 0 is the engine's default.
    #[serde(deserialize_with = "or_default")]
    pub retries: i64,
}

/// One line of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct HistoryEntry {
    /// The instruction, as the builder wrote it.
    #[serde(deserialize_with = "or_default")]
    pub created_by: String,
    /// Whether it made no layer.
    #[serde(deserialize_with = "or_default")]
    pub empty_layer: bool,
}

#[derive(Deserialize)]
struct File {
    #[serde(default, deserialize_with = "or_default")]
    architecture: String,
    #[serde(default, deserialize_with = "or_default")]
    os: String,
    #[serde(default)]
    variant: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    config: Runtime,
    #[serde(default, deserialize_with = "or_default")]
    history: Vec<HistoryEntry>,
    rootfs: RootFs,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default, deserialize_with = "or_default")]
    diff_ids: Vec<String>,
}

impl Config {
    /// An error where the JSON is no image's config.
    pub(super) fn parse(json: &[u8]) -> serde_json::Result<Config> {
        let file: File = serde_json::from_slice(json)?;
        Ok(Config {
            platform: Platform {
                os: file.os,
                architecture: file.architecture,
                variant: file.variant.filter(|variant| !variant.is_empty()),
            },
            runtime: file.config,
            history: file.history,
            diff_ids: file.rootfs.diff_ids,
        })
    }

    /// What made each layer; empty where the history does not fit the layers.
    pub(super) fn created_by(&self) -> Vec<String> {
        let made = self.history.iter().filter(|line| !line.empty_layer);
        let made: Vec<_> = made.map(|line| line.created_by.clone()).collect();
        match made.len() == self.diff_ids.len() {
            true => made,
            false => vec![String::new(); self.diff_ids.len()],
        }
    }
}

/// Engines write `null` for what is empty.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Go's sets are maps to empty objects.
fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let set: BTreeMap<String, serde::de::IgnoredAny> = or_default(deserializer)?;
    Ok(set.into_keys().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_empty_and_what_is_unknown_is_left_out() {
        let config = Config::parse(
            br#"{"architecture":"arm","variant":"v7","os":"linux","config":{"Cmd":null,"Env":["A=b"],
            "ExposedPorts":{"80/tcp":{}},"Healthcheck":{"Test":["CMD","/x"],"Interval":1},"New":[1]},
            "rootfs":{"type":"layers","diff_ids":null}}"#,
        );
        let config = config.expect("a config");
        assert_eq!(config.platform.to_string(), "linux/arm/v7");
        assert_eq!(config.runtime.exposed_ports, ["80/tcp"]);
        assert_eq!(config.runtime.env, ["A=b"]);
        let health = config.runtime.healthcheck.expect("there");
        assert_eq!((health.test.len(), health.interval), (2, 1));
    }

    #[test]
    fn json_of_silly_depth_is_an_error() {
        let deep = format!(r#"{{"rootfs":{{}},"config":{}"#, "[".repeat(100_000));
        assert!(Config::parse(deep.as_bytes()).is_err());
        let unknown = format!(r#"{{"rootfs":{{}},"other":{}"#, "[".repeat(100_000));
        assert!(Config::parse(unknown.as_bytes()).is_err());
        assert!(Config::parse(br#"{"manifests":[]}"#).is_err());
    }
}
