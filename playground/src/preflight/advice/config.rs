//! Advice about the image's config.

use super::advice;
use crate::binary::linked::Ability;
use crate::preflight::finding::{Finding, Severity};
use crate::preflight::rule::Rule;
use crate::preflight::scene::Scene;
use crate::preflight::started::{Role, Shell, Start, Started, base, shell_line, shell_of};
use crate::preflight::user::Right;

const BASE_NAME: &str = "org.opencontainers.image.base.name";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

fn first(started: &Started) -> Option<&Start> {
    started.of(Role::Command).next()
}

/// `ENTRYPOINT ["/app"]` and `CMD hello`: the program is called with `/bin/sh`, `-c`, `hello`.
pub(super) fn shell_as_arguments(scene: &Scene<'_>, started: &Started) -> Option<Finding> {
    let runtime = scene.runtime;
    let line = shell_line(&runtime.cmd)?;
    let start = first(started).filter(|_| !runtime.entrypoint.is_empty())?;
    let program = scene.program(start.found.clone().ok()?)?;
    // What can start programs may well start a shell: an init, in Go.
    if !program.can(Ability::StartPrograms)?.is_empty() {
        return None;
    }
    let path = &start.called;
    Some(advice(
        Rule::ShellAsArguments,
        format!(
            "CMD is in shell form behind an ENTRYPOINT, so {path} is called with {} and {line:?} \
             as arguments, and no shell reads the line.",
            runtime.cmd[..runtime.cmd.len() - 1].join(", ")
        ),
        vec![
            format!("Entrypoint {:?}", runtime.entrypoint),
            format!("Cmd {:?}", runtime.cmd),
        ],
        "CMD [\"word\", \"per\", \"string\"]".into(),
    ))
}

/// Debian's dash stays process 1, however short the line; others only with work left to do.
pub(super) fn signals(scene: &Scene<'_>, started: &Started) -> Option<Finding> {
    let start = first(started)?;
    let shell = scene.tree.node(start.found.clone().ok()?).name;
    let line = shell_line(&start.words)?;
    let dash = shell == "dash" || start.called.ends_with("dash");
    let stays = match shell_of(line) {
        Shell::Stays => true,
        Shell::Waits => dash,
        Shell::Becomes | Shell::Unknown => false,
    };
    if !stays {
        return None;
    }
    Some(advice(
        Rule::SignalsSwallowed,
        format!(
            "{} stays process 1 and passes no signal on: `docker stop` waits ten seconds, then \
             kills.",
            start.called
        ),
        vec![format!("{shell} reads the line: {line}")],
        "exec form, or `exec` before the last command of the line".into(),
    ))
}

pub(super) fn root(scene: &Scene<'_>) -> Option<Finding> {
    let who = scene.who.as_ref().filter(|who| who.uid == 0)?;
    let said = match scene.runtime.user.as_str() {
        "" => "USER is not set".to_owned(),
        user => format!("USER {user}"),
    };
    Some(advice(
        Rule::RunsAsRoot,
        format!(
            "It runs as uid {}: a cluster with runAsNonRoot refuses it, and whoever breaks in \
             has root's rights in the container.",
            who.uid
        ),
        vec![said],
        "USER 10001:10001".into(),
    ))
}

/// Where the border lies is the engine's business, so this is never more than advice.
pub(super) fn port(scene: &Scene<'_>, started: &Started) -> Option<Finding> {
    let who = scene.who.as_ref().filter(|who| who.uid != 0)?;
    let number = |port: &&String| {
        let number = port.split(['/', '-']).next()?.parse::<u32>().ok()?;
        (number < 1024).then(|| port.to_string())
    };
    let port = scene
        .runtime
        .exposed_ports
        .iter()
        .find_map(|port| number(&port))?;
    let files = started.files();
    let programs = files.iter().filter_map(|id| scene.program(*id));
    let listens: Vec<_> = programs.filter_map(|it| it.can(Ability::Listen)).collect();
    if !listens.is_empty() && listens.iter().all(|names| names.is_empty()) {
        return None;
    }
    let mut evidence = vec![format!("EXPOSE {port}"), format!("uid {}", who.uid)];
    let names = listens.iter().flat_map(|names| names.iter());
    evidence.extend(names.map(|name| format!("{name} is linked in")));
    Some(advice(
        Rule::PrivilegedPort,
        format!(
            "Port {port} and uid {}: Docker allows it since 20.10, Podman and CRI-O do not, nor \
             does the host's network: bind: permission denied.",
            who.uid
        ),
        evidence,
        "listen on 8080; outside, -p 80:8080 or a Service's targetPort makes it 80".into(),
    ))
}

/// A new volume gets its owner from the image's directory; without one, it is root's.
pub(super) fn volumes(scene: &Scene<'_>) -> Vec<Finding> {
    let Some(who) = scene.who.as_ref().filter(|who| who.uid != 0) else {
        return Vec::new();
    };
    let uid = who.uid;
    let one = |volume: &String| {
        let found = scene.tree.lookup(volume).ok();
        let why = match found {
            Some(id) => {
                let node = scene.tree.node(id);
                let writes = who.may(scene.tree, id, Right::Write);
                if !node.is_directory() || writes && who.may(scene.tree, id, Right::Execute) {
                    return None;
                }
                let (owner, gid) = node.entry.map_or((0, 0), |entry| (entry.uid, entry.gid));
                format!("mode {:04o}, owner {owner}:{gid} of {volume}", node.mode())
            }
            None => format!("the image has no {volume}"),
        };
        Some(Finding {
            rule: Rule::VolumeNotWritable,
            severity: Severity::WillFail,
            what: format!(
                "{volume} is a volume, and a new one takes its owner from the image: uid {uid} \
                 may not write to it."
            ),
            when: Some(format!("writes to {volume}")),
            evidence: vec![format!("VOLUME {volume}"), why, format!("uid {uid}")],
            fix: format!(
                "RUN mkdir -p /room{volume} in the builder, then COPY --from=build --chown={uid} /room/ /"
            ),
            place: found.map(|id| scene.place(id)),
        })
    };
    scene.runtime.volumes.iter().filter_map(one).collect()
}

/// What the base was, as labels tell it.
pub(super) fn pinning(scene: &Scene<'_>) -> Option<Finding> {
    let labels = &scene.runtime.labels;
    let name = labels.get(BASE_NAME).filter(|name| !name.is_empty())?;
    if name.contains('@') {
        return None;
    }
    let tag = base(name).split_once(':').map(|(_, tag)| tag);
    let floating = matches!(tag, None | Some("latest"));
    if !floating && labels.contains_key(BASE_DIGEST) {
        return None;
    }
    let what = match floating {
        true => format!("The base is {name}: whatever that is on the day of the build."),
        false => format!("The base is {name}, by a tag that its maker may move."),
    };
    let fix = format!("FROM {name}@sha256:… (docker buildx imagetools inspect {name})");
    Some(advice(
        Rule::UnpinnedBase,
        what,
        vec![format!("label {BASE_NAME}={name}")],
        fix,
    ))
}
