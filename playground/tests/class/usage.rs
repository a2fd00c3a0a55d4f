//! Memory of processes, as the kernel tells it.

use std::path::Path;

/// The most that was seen, in bytes.
#[derive(Debug, Default)]
pub(crate) struct Peak {
    pub(crate) server: u64,
    pub(crate) engine: u64,
}

impl Peak {
    pub(crate) fn see(&mut self, server: u64, engine: u64) {
        self.server = self.server.max(server);
        self.engine = self.engine.max(engine);
    }
}

/// What a process holds that is its own, in bytes; nothing of one that is gone.
pub(crate) fn process_bytes(pid: &str) -> u64 {
    let Ok(text) = std::fs::read_to_string(format!("/proc/{pid}/status")) else {
        return 0;
    };
    let anonymous = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = anonymous.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// What the engine behind a socket holds: the process that was told to listen there, and its
/// children but those of containers. Nothing where it cannot be seen.
pub(crate) fn engine_bytes(socket: &Path) -> u64 {
    let socket = socket.to_string_lossy();
    let mut processes = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_string_lossy().into_owned();
        if !pid.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let parent = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.split(' ').nth(1));
        processes.push((pid, parent.unwrap_or_default().to_owned(), command));
    }
    let is_engine = |command: &str| command.contains("dockerd") && command.contains(&*socket);
    let engine = processes.iter().find(|(_, _, command)| is_engine(command));
    let Some((engine, _, _)) = engine else {
        return 0;
    };
    let children = processes
        .iter()
        .filter(|(_, parent, command)| parent == engine && command.contains("containerd"));
    let all = children.map(|(pid, _, _)| process_bytes(pid)).sum::<u64>();
    all + process_bytes(engine)
}
