//! Whether a container of the image comes to its first instruction, and its health check too.
//!
//! Owns the rules whose findings end in "will not start", and which of them are milder where a
//! shell or an init stands between. What one file needs to run is `judge`'s business.

use super::TargetPlatform;
use super::finding::{Finding, Severity};
use super::judge::{Executes, Problem, Sure, judge};
use super::rule::Rule;
use crate::entrypoint::ImageContext;
use crate::entrypoint::Location;
use crate::entrypoint::{Certainty, Entrypoint, LookupError, Role, Start, StartedBy, shell_line};
use crate::entrypoint::{MAX_ID, UnknownUser, Why};

pub(super) fn find(
    context: &ImageContext<'_>,
    here: &TargetPlatform,
    started: &Entrypoint,
    found: &mut Vec<Finding>,
) {
    if let Some(unknown) = &context.unknown_user {
        found.push(unknown_user(context, unknown));
    }
    if started.of(Role::Command).next().is_none() {
        found.push(no_command());
    }
    for role in [Role::Command, Role::Healthcheck] {
        for start in started.of(role) {
            let problem = match &start.file {
                Ok(id) => judge(context, here, *id, executes(start)),
                Err(_) if guessed(context, started, start) => None,
                Err(fails) => Some(refused(context, start, fails)),
            };
            let Some(problem) = problem else { continue };
            // All ends here: what would have come next is never come to.
            let last = problem.sure == Sure::Surely && start.certainty == Certainty::Required;
            found.push(finding(context, start, problem));
            if last {
                break;
            }
        }
    }
    // A health check by the program that does not start says nothing new.
    let dead: Vec<_> = not_starting(found)
        .filter_map(|f| f.location.clone())
        .collect();
    let path = |place: &Location| place.path.clone();
    found.retain(|finding| {
        let same = finding.location.as_ref().is_some_and(|place| {
            place.path.is_some() && dead.iter().any(|dead| path(dead) == path(place))
        });
        finding.rule != Rule::HealthcheckMissing || !same
    });
    found.dedup();
}

fn not_starting(found: &[Finding]) -> impl Iterator<Item = &Finding> {
    let not = |finding: &&Finding| finding.severity == Severity::WillNotStart;
    found.iter().filter(not)
}

fn executes(start: &Start) -> Executes {
    match start.by {
        StartedBy::Engine | StartedBy::Kernel(_) => Executes::Kernel,
        StartedBy::Shell(_) | StartedBy::Program(_) => Executes::Forgiving,
    }
}

/// Whether the word may be something else than a program: an option's value, an applet of
/// busybox that has no file.
fn guessed(context: &ImageContext<'_>, started: &Entrypoint, start: &Start) -> bool {
    let busybox = || {
        let mut files = started.files().into_iter();
        files.any(|id| context.tree.node(id).name.starts_with("busybox"))
    };
    match start.by {
        StartedBy::Engine | StartedBy::Kernel(_) => false,
        StartedBy::Shell(_) => !start.called.contains('/') && busybox(),
        StartedBy::Program(_) => start.certainty == Certainty::Possible,
    }
}

fn words(words: &[String]) -> String {
    serde_json::to_string(words).unwrap_or_default()
}

fn no_command() -> Finding {
    Finding {
        rule: Rule::NoCommand,
        severity: Severity::WillNotStart,
        what: "The image has neither ENTRYPOINT nor CMD, so the engine refuses to make a \
               container of it unless a command is given."
            .into(),
        when: None,
        evidence: vec!["Entrypoint and Cmd of the image are empty".into()],
        fix: "ENTRYPOINT [\"/app\"]".into(),
        location: None,
    }
}

fn unknown_user(context: &ImageContext<'_>, unknown: &UnknownUser) -> Finding {
    let UnknownUser {
        name,
        what,
        file,
        why,
    } = unknown;
    let (why, then) = match why {
        Why::NoLine => (format!("{file} of the image has no such line"), None),
        Why::NoFile => (format!("the image has no {file}"), None),
        Why::OutOfRange => (
            format!("ids end at {MAX_ID}"),
            Some("The engine refuses it: uids and gids must be in range.".to_owned()),
        ),
    };
    let then = then
        .unwrap_or_else(|| format!("The engine looks nowhere else: unable to find {what} {name}."));
    Finding {
        rule: Rule::UnknownUser,
        severity: Severity::WillNotStart,
        what: format!("USER names the {what} {name:?}, and {why}. {then}"),
        when: None,
        evidence: vec![format!("USER {}", context.runtime.user), why],
        fix: "USER 10001:10001: numbers need no file".into(),
        location: None,
    }
}

/// What the engine, the kernel or a shell says of a program that is not there.
fn refused(context: &ImageContext<'_>, start: &Start, fails: &LookupError) -> Problem {
    let called = &start.called;
    let why = fails.why();
    let missing = matches!(fails, LookupError::NotFound { .. });
    let line = shell_line(&start.words);
    let mut evidence = vec![match &start.by {
        StartedBy::Engine => said(context, start.role),
        StartedBy::Kernel(script) => format!("#! line of {script}: {called:?}"),
        StartedBy::Shell(line) => format!("the shell's line: {line}"),
        StartedBy::Program(name) => format!("{name} starts {}", words(&start.words)),
    }];
    evidence.push(why.to_owned());
    if let (LookupError::NotFound { .. }, false) = (fails, called.contains('/')) {
        evidence.push(format!("PATH={}", context.search_path()));
    }
    let (rule, what, fix) = match (&start.by, line) {
        (StartedBy::Engine, Some(line)) if missing => (
            Rule::NoShell,
            format!("The command is a line for {called}, which is not in the image: {why}."),
            exec_form(context, line, start.role),
        ),
        (StartedBy::Kernel(script), _) if called.ends_with('\r') => (
            Rule::ScriptInterpreterMissing,
            format!(
                "{script} has Windows line ends, so the kernel looks for {called:?}, with a \
                 carriage return in its name."
            ),
            format!("sed -i 's/\\r$//' {script}, and `* text eol=lf` in .gitattributes"),
        ),
        (StartedBy::Kernel(script), _) => (
            Rule::ScriptInterpreterMissing,
            format!("{script} is a script for {called}, and {why}. The error will name {script}."),
            "start the program itself, ENTRYPOINT [\"/app\"], or take a base that has the \
             interpreter"
                .to_owned(),
        ),
        _ if missing => (
            Rule::CommandMissing,
            format!("{called} is to be started, and {why}."),
            nearby(context, called).unwrap_or_else(|| {
                "COPY the program to where the command looks for it; absolute paths on both \
                 sides leave nothing to guess"
                    .to_owned()
            }),
        ),
        _ => (
            Rule::CommandNotExecutable,
            format!("{called} is to be started, and {why}: permission denied."),
            allowing(context, fails, called),
        ),
    };
    Problem {
        rule,
        what,
        evidence,
        fix,
        sure: Sure::Surely,
    }
}

/// What would let the kernel execute it.
fn allowing(context: &ImageContext<'_>, fails: &LookupError, called: &str) -> String {
    match fails {
        LookupError::PermissionDenied { id, .. } if context.tree.node(*id).is_directory() => {
            let directory = context.tree.path(*id);
            match context.tree.lookup(called) == Ok(*id) {
                true => format!("name the program in {directory}"),
                false => format!("RUN chmod 755 {directory}, in the stage that makes it"),
            }
        }
        _ => format!("COPY --chmod=755, or RUN chmod 755 {called} in the stage it comes from"),
    }
}

/// The instruction, as the image keeps it.
fn said(context: &ImageContext<'_>, role: Role) -> String {
    let runtime = context.runtime;
    let test = runtime.healthcheck.as_ref().map(|check| &check.test);
    match role {
        Role::Command => format!(
            "Entrypoint {} Cmd {}",
            words(&runtime.entrypoint),
            words(&runtime.cmd)
        ),
        Role::Healthcheck => format!(
            "Healthcheck {}",
            test.map(|test| words(test)).unwrap_or_default()
        ),
    }
}

/// The same command without a shell, where that can be said.
fn exec_form(context: &ImageContext<'_>, line: &str, role: Role) -> String {
    let instruction = match role {
        Role::Command => "ENTRYPOINT",
        Role::Healthcheck => "HEALTHCHECK CMD",
    };
    let list = line
        .trim_start_matches("exec ")
        .split(' ')
        .map(str::to_owned);
    let list: Vec<_> = list.filter(|word| !word.is_empty()).collect();
    let missing = list
        .first()
        .filter(|program| context.find(program).is_err());
    if let (Role::Healthcheck, Some(program)) = (role, missing) {
        return format!(
            "{program} is not in the image either: let your own program ask, \
             HEALTHCHECK CMD [\"/app\", \"-health\"]"
        );
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=,+@%".contains(c);
    match line.chars().all(|c| plain(c) || c == ' ') && !list.is_empty() {
        true => format!("{instruction} {}", words(&list)),
        false => format!(
            "{instruction} [\"/app\", \"-flag\"]: brackets, double quotes, a word per string"
        ),
    }
}

/// A file of the same name elsewhere.
fn nearby(context: &ImageContext<'_>, called: &str) -> Option<String> {
    let name = called.rsplit('/').next()?;
    if let Some((program, _)) = called.split_once(' ') {
        let list: Vec<_> = called.split(' ').map(str::to_owned).collect();
        let there = context.find(program).is_ok();
        return there.then(|| format!("ENTRYPOINT {}: a string per word", words(&list)));
    }
    let tree = context.tree;
    let executable = |id| tree.node(id).is_file() && tree.node(id).mode() & 0o111 != 0;
    let found = tree
        .walk()
        .find(|id| tree.node(*id).name == name && executable(*id))?;
    let path = tree.path(found);
    Some(format!("ENTRYPOINT [\"{path}\"]: that is where it lies"))
}

/// How bad a problem is, for what and by whom it was to be started.
fn finding(context: &ImageContext<'_>, start: &Start, problem: Problem) -> Finding {
    let rule = match (start.role, problem.rule) {
        (Role::Healthcheck, Rule::NoShell) => Rule::HealthcheckNoShell,
        (Role::Healthcheck, _) => Rule::HealthcheckMissing,
        (Role::Command, rule) => rule,
    };
    let comes_to = || format!("comes to {}", start.called);
    let (severity, when) = match (start.role, problem.sure, start.certainty) {
        (_, Sure::Runs, _) | (_, _, Certainty::Possible) => (Severity::Advice, None),
        // `curl x || wget x`
        (Role::Healthcheck, _, Certainty::Certain) => (Severity::Advice, None),
        (Role::Healthcheck, ..) => (
            Severity::WillFail,
            Some("is asked for its health: it will be called unhealthy".to_owned()),
        ),
        (_, Sure::Surely, Certainty::Required) => (Severity::WillNotStart, None),
        _ => (Severity::WillFail, Some(comes_to())),
    };
    let location = match &start.file {
        Ok(id) => Some(context.location(*id)),
        Err(LookupError::PermissionDenied { id, .. }) => Some(context.location(*id)),
        Err(LookupError::NotFound { .. }) => match &start.by {
            StartedBy::Kernel(script) => context
                .tree
                .lookup(script)
                .ok()
                .map(|id| context.location(id)),
            _ => None,
        },
    };
    Finding {
        rule,
        severity,
        what: problem.what,
        when,
        evidence: problem.evidence,
        fix: problem.fix,
        location,
    }
}
