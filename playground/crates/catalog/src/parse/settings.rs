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
            table.report(
                value.line,
                format!("`{name}` is not a name for an environment variable"),
            );
        }
        if value.value.contains('\0') {
            table.report(value.line, format!("`{name}` holds a NUL character"));
        }
        env.push((name, value.value));
    }
    let memory = i64::from(MIN_MEMORY_MIB)..=i64::from(MAX_MEMORY_MIB);
    let settings = RunSettings {
        command: command.map(|words| words.value),
        env,
        port: table
            .integer("port", Need::Optional, 1..=65535)
            .map(|port| port.value),
        memory_mib: table
            .integer("memory_mib", Need::Optional, memory)
            .map(|mib| mib.value),
        cpus: read_cpus(&table),
        seconds: table
            .integer("seconds", Need::Optional, 1..=i64::from(MAX_SECONDS))
            .map(|seconds| seconds.value),
        read_only: table.flag("read_only").is_some_and(|flag| flag.value),
        tmpfs: read_mounts(&table, "tmpfs"),
        volumes: read_mounts(&table, "volumes"),
        unprivileged_port_start: table
            .integer("unprivileged_port_start", Need::Optional, 0..=65535)
            .map(|port| port.value),
    };
    if let Some(both) = settings
        .tmpfs
        .iter()
        .find(|path| settings.volumes.contains(path))
    {
        let text = format!("`{both}` is both a tmpfs and a volume");
        table.report(table.line, text);
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
        table.report(cpus.line, text);
    }
    Some(cpus.value)
}

/// Absolute paths for directories that are mounted empty; never over what the runtime needs.
fn read_mounts(table: &Table<'_>, key: &'static str) -> Vec<String> {
    let Some(listed) = table.list(key, Need::Optional) else {
        return Vec::new();
    };
    if listed.value.len() > MAX_MOUNTS {
        let text = format!("`{key}` names more than {MAX_MOUNTS} directories");
        table.report(listed.line, text);
    }
    unique(table, "mount", &listed.value);
    for path in &listed.value {
        let below = path.value.strip_prefix('/');
        let top = below.and_then(|below| below.split('/').next());
        let plain = below.is_some_and(is_plain_path) && !path.value.contains([':', ',']);
        if !plain || top.is_some_and(|top| ["proc", "sys", "dev"].contains(&top)) {
            let text = format!("`{}` is not a directory that can be mounted", path.value);
            table.report(path.line, text);
        }
    }
    listed.value.into_iter().map(|path| path.value).collect()
}
