//! Advice about the image's config.

use super::advice;
use crate::binary::Form;
use crate::binary::linked::Ability;
use crate::entrypoint::ImageContext;
use crate::entrypoint::{Entrypoint, Role, Shell, Start, shell_line, shell_of};
use crate::image::capabilities::Capabilities;
use crate::image::tree::NodeId;
use crate::preflight::finding::Finding;
use crate::preflight::judge::beyond_docker;
use crate::preflight::rule::Rule;

fn first(started: &Entrypoint) -> Option<&Start> {
    started.of(Role::Command).next()
}

/// `ENTRYPOINT ["/app"]` and `CMD hello`: the program is called with `/bin/sh`, `-c`, `hello`.
pub(super) fn shell_as_arguments(
    context: &ImageContext<'_>,
    started: &Entrypoint,
) -> Option<Finding> {
    let runtime = context.runtime;
    let line = shell_line(&runtime.cmd)?;
    let start = first(started).filter(|_| !runtime.entrypoint.is_empty())?;
    let program = context.program(start.file.clone().ok()?)?;
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
pub(super) fn signals(context: &ImageContext<'_>, started: &Entrypoint) -> Option<Finding> {
    let start = first(started)?;
    let shell = context.tree.node(start.file.clone().ok()?).name;
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

pub(super) fn root(context: &ImageContext<'_>) -> Option<Finding> {
    let who = context.identity.as_ref().filter(|who| who.uid == 0)?;
    let said = match context.runtime.user.as_str() {
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
pub(super) fn port(context: &ImageContext<'_>, started: &Entrypoint) -> Option<Finding> {
    let who = context.identity.as_ref().filter(|who| who.uid != 0)?;
    let number = |port: &&String| {
        let number = port.split(['/', '-']).next()?.parse::<u32>().ok()?;
        (number < 1024).then(|| port.to_string())
    };
    let port = context
        .runtime
        .exposed_ports
        .iter()
        .find_map(|port| number(&port))?;
    let files = started.files();
    let programs = files.iter().filter_map(|id| context.program(*id));
    let listens: Vec<_> = programs.filter_map(|it| it.can(Ability::Listen)).collect();
    if !listens.is_empty() && listens.iter().all(|names| names.is_empty()) {
        return None;
    }
    if files.iter().any(|id| binds_low_ports(context, *id)) {
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

fn binds_low_ports(context: &ImageContext<'_>, id: NodeId) -> bool {
    let rights = context.capabilities(id);
    rights.is_some_and(Capabilities::binds_low_ports)
}

/// The kernel refuses a program whose capabilities the container may not have. Where it has what
/// Docker gives, `judge` tells; a script's do not count.
pub(super) fn file_capabilities(context: &ImageContext<'_>, started: &Entrypoint) -> Vec<Finding> {
    let one = |id: NodeId| {
        let rights = context.capabilities(id).filter(|rights| rights.effective)?;
        let path = context.tree.path(id);
        if beyond_docker(&path, rights).is_some()
            || !matches!(context.program(id)?.form, Form::Elf(_))
        {
            return None;
        }
        let finding = advice(
            Rule::FileCapabilities,
            format!(
                "{path} carries {rights}. Where all capabilities are dropped it does not start \
                 (operation not permitted), and with no-new-privileges they do not count."
            ),
            vec![format!("security.capability of {path}: {rights}")],
            "do without them: a port above 1023 needs none".into(),
        );
        Some(Finding {
            location: Some(context.location(id)),
            ..finding
        })
    };
    started.files().into_iter().filter_map(one).collect()
}
