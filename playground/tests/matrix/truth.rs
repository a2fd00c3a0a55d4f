//! What really is so with an image: per rule yes, no, or not to be seen in this case.
//!
//! Everything here comes from a run or from a look of its own, never from preflight.

use super::cases::Case;
use super::layers::Layers;
use super::observe::Observed;
use super::programs::Programs;
use super::reason::reason;
use analysis::preflight::Rule;
use std::collections::BTreeMap;

/// From this many bytes on, waste is waste.
const WASTE: u64 = 1_000_000;

/// Why a container does not start; each ends it before the program's first line.
pub(crate) const START: [Rule; 11] = [
    Rule::NoCommand,
    Rule::CommandMissing,
    Rule::CommandNotExecutable,
    Rule::NoShell,
    Rule::ScriptInterpreterMissing,
    Rule::NotAnExecutable,
    Rule::WrongCpu,
    Rule::LoaderMissing,
    Rule::LibraryMissing,
    Rule::LibraryTooOld,
    Rule::UnknownUser,
];

const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "zsh", "busybox"];
const PACKAGE_MANAGERS: [&str; 6] = ["apt", "apt-get", "dpkg", "apk", "yum", "rpm"];
const COMPILERS: [&str; 5] = ["go", "gcc", "cc", "clang", "c++"];

/// What is known of a case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truths {
    /// Whether the program's first line came.
    pub(crate) started: bool,
    /// Whether it happened, for every rule that could be observed.
    pub(crate) of: BTreeMap<Rule, bool>,
}

/// Everything that was observed, as answers to what the rules say.
pub(crate) fn truths(
    case: &Case,
    observed: &Observed,
    layers: &Layers,
    programs: &Programs,
    cpu: &str,
) -> Truths {
    let mut of = BTreeMap::new();
    let started = observed.started();
    let why = match started {
        true => None,
        false => reason(observed, &case.at, cpu),
    };
    if started || why.is_some() {
        of.extend(START.map(|rule| (rule, why == Some(rule))));
    }
    if started {
        of.extend(attempts(observed));
        of.insert(Rule::SilentUtc, silent_utc(case, observed));
        if let Some(uid) = observed.line("uid") {
            of.insert(Rule::RunsAsRoot, uid == "0");
        }
        if let Some(arguments) = observed.line("arguments") {
            of.insert(Rule::ShellAsArguments, arguments.starts_with("/bin/sh -c"));
        }
        of.extend(volume(case, observed));
        of.extend(health(observed));
    }
    if let Some(heard) = observed.heard {
        of.insert(Rule::SignalsSwallowed, !heard);
    }
    if let Some(program) = &case.program {
        of.insert(Rule::DebugInfo, programs.unstripped.contains(program));
    }
    of.insert(Rule::Shell, observed.files.has_program(&SHELLS));
    of.insert(
        Rule::PackageManager,
        observed.files.has_program(&PACKAGE_MANAGERS),
    );
    of.insert(Rule::Compiler, observed.files.has_program(&COMPILERS));
    of.insert(Rule::SetuidFiles, observed.files.has_setuid());
    of.insert(Rule::Secret, layers.secret);
    of.insert(Rule::GitDirectory, layers.git);
    of.insert(Rule::WastedBytes, layers.wasted >= WASTE);
    Truths { started, of }
}

/// What came of what the program did; what it did not do cannot fail.
fn attempts(observed: &Observed) -> Vec<(Rule, bool)> {
    let failed = |what: &str, words: &[&str]| {
        let error = observed
            .line(what)
            .and_then(|line| line.strip_prefix("error: "));
        error.is_some_and(|error| words.iter().any(|word| error.contains(word)))
    };
    vec![
        (Rule::NoCaCertificates, failed("tls", &["x509: "])),
        (
            Rule::NoTimeZones,
            failed("zone", &["unknown time zone", "zoneinfo"]),
        ),
        (Rule::UserLookup, failed("user", &[""])),
        (
            Rule::NoTmp,
            failed("tmp", &["no such file", "not a directory"]),
        ),
        (
            Rule::TmpNotWritable,
            failed("tmp", &["permission denied", "read-only"]),
        ),
        (Rule::CgoStub, failed("sqlite", &["requires cgo"])),
        (
            Rule::NoPrograms,
            failed("exec", &["executable file not found", "no such file"]),
        ),
        (
            Rule::PrivilegedPort,
            failed("listen", &["permission denied"]),
        ),
    ]
}

/// Whether a volume refused the program that wrote to it; not to be seen of others.
fn volume(case: &Case, observed: &Observed) -> Option<(Rule, bool)> {
    let volume = case.value_of("VOLUME ")?;
    let written = case.value_of("ENV TMPDIR=").unwrap_or("/tmp");
    let came = observed.line("tmp").filter(|_| volume == written)?;
    Some((Rule::VolumeNotWritable, came.contains("permission denied")))
}

/// A zone was asked for that is not UTC, and the clock shows UTC.
fn silent_utc(case: &Case, observed: &Observed) -> bool {
    let Some(asked) = case.value_of("ENV TZ=") else {
        return false;
    };
    let is_utc = matches!(asked, "" | "UTC" | "Etc/UTC");
    // In July, where all the zones of the cases are off UTC.
    let shows_utc = observed
        .line("local")
        .is_some_and(|local| local.ends_with(" 0"));
    !is_utc && shows_utc
}

/// Whether the engine could not even begin the check.
fn health(observed: &Observed) -> Vec<(Rule, bool)> {
    let Some(health) = &observed.health else {
        return vec![
            (Rule::HealthcheckNoShell, false),
            (Rule::HealthcheckMissing, false),
        ];
    };
    if health.status != "healthy" && health.status != "unhealthy" {
        return Vec::new();
    }
    let words = [
        "exec failed",
        "not found",
        "no such file",
        "permission denied",
        "exec format error",
        "Permission denied",
    ];
    let unable = health.status == "unhealthy" && words.iter().any(|word| health.log.contains(word));
    let shell = unable && health.log.contains("\"/bin/sh\"");
    vec![
        (Rule::HealthcheckNoShell, shell),
        (Rule::HealthcheckMissing, unable && !shell),
    ]
}
