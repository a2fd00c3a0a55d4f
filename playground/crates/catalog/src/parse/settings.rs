//! `[variant.run]`: how the container is run, within the limits.

use crate::lab::RunSettings;
use crate::names::is_plain_path;
use crate::toml::reader::Need;
use crate::toml::rules::unique;
use crate::toml::table::Table;
use policy::limits::{
    MAX_MEMORY_MIB, MAX_MOUNTS, MAX_NANO_CPUS, MAX_SECONDS, MIN_MEMORY_MIB, MIN_NANO_CPUS,
};

pub(crate) fn read_run(table: Table<'_>) -> RunSettings {
    let command = table.words("command");
    let mut env = Vec::new();
    for (name, value) in table.pairs("env") {
        let plain = |c: char| c == '_' || c.is_ascii_alphanumeric();
        if name.starts_with(|c: char| c.is_ascii_digit())
            || !name.chars().all(plain)
            || name.is_empty()
        {
            value.report(format!(
                "`{name}` is not a name for an environment variable"
            ));
        }
        if value.value.contains('\0') {
            value.report(format!("`{name}` holds a NUL character"));
        }
        env.push((name, value.value));
    }
    let memory = MIN_MEMORY_MIB..=MAX_MEMORY_MIB;
    let settings = RunSettings {
        command,
        env,
        port: table.setting("port", 1..=65535),
        memory_mib: table.setting("memory_mib", memory),
        cpus: read_cpus(&table),
        seconds: table.setting("seconds", 1..=MAX_SECONDS),
        read_only: table.flag("read_only").is_some_and(|flag| flag.value),
        tmpfs: read_mounts(&table, "tmpfs"),
        volumes: read_mounts(&table, "volumes"),
        unprivileged_port_start: table.setting("unprivileged_port_start", 0..=65535),
    };
    if let Some(both) = settings
        .tmpfs
        .iter()
        .find(|path| settings.volumes.contains(path))
    {
        table.report(format!("`{both}` is both a tmpfs and a volume"));
    }
    table.finish();
    settings
}

/// A share of the one core that a container may have.
fn read_cpus(table: &Table<'_>) -> Option<f64> {
    let cpus = table.number("cpus", Need::Optional)?;
    let [least, most] = [MIN_NANO_CPUS, MAX_NANO_CPUS].map(|nano| nano as f64 / 1e9);
    if !(least..=most).contains(&cpus.value) {
        let text = format!("`cpus` is {}; it must be {least} to {most}", cpus.value);
        cpus.report(text);
    }
    Some(cpus.value)
}

/// Absolute paths for directories that are mounted empty; never over what the runtime needs.
fn read_mounts(table: &Table<'_>, key: &'static str) -> Vec<String> {
    let Some(listed) = table.list(key, Need::Optional) else {
        return Vec::new();
    };
    if listed.value.len() > MAX_MOUNTS {
        listed.report(format!("`{key}` names more than {MAX_MOUNTS} directories"));
    }
    unique("mount", &listed.value);
    for path in &listed.value {
        let below = path.value.strip_prefix('/');
        let top = below.and_then(|below| below.split('/').next());
        let plain = below.is_some_and(is_plain_path) && !path.value.contains([':', ',']);
        if !plain || top.is_some_and(|top| ["proc", "sys", "dev"].contains(&top)) {
            path.report(format!("`{path}` is not a directory that can be mounted"));
        }
    }
    listed.value.into_iter().map(|path| path.value).collect()
}
