//! Time zones by name and by `TZ`, as Go's `time` looks for them (`zoneinfo.go`,
//! `zoneinfo_read.go`, `zoneinfo_unix.go`).

use super::{Go, Need};
use crate::binary::go::BuildInfo;
use crate::binary::linked::Ability;
use crate::entrypoint::ImageContext;
use crate::image::notable::{ZONE_DIRECTORIES, zoneinfo};
use crate::preflight::finding::Severity;
use crate::preflight::rule::Rule;

/// UTC by other names.
const UTC: [&str; 8] = [
    "UTC",
    "Etc/UTC",
    "GMT",
    "Etc/GMT",
    "Zulu",
    "Universal",
    "UCT",
    "Etc/UCT",
];
const FIX: &str = "import _ \"time/tzdata\" in main (or go build -tags timetzdata), or COPY \
                   --from=build /usr/share/zoneinfo /usr/share/zoneinfo";

pub(super) fn by_name(context: &ImageContext<'_>, go: &Go<'_>) -> Option<Need> {
    if go.cannot(Ability::TimeZones) || has_data(context, go) {
        return None;
    }
    let mut evidence = go.evidence(Ability::TimeZones);
    evidence.push("time/tzdata is not linked in".into());
    match context.env("ZONEINFO").filter(|path| !path.is_empty()) {
        Some(path) if context.tree.lookup(&context.absolute(path)).is_ok() => return None,
        Some(path) => evidence.push(format!("ZONEINFO={path} leads to nothing")),
        None => evidence.push("no /usr/share/zoneinfo in the image".into()),
    }
    let path = &go.path;
    Some(Need {
        rule: Rule::NoTimeZones,
        severity: Severity::WillFail,
        what: format!(
            "{path} can load time zones by name, and neither the image nor the program has their \
             data: unknown time zone."
        ),
        when: "loads a time zone by name",
        evidence,
        fix: FIX.into(),
    })
}

/// `TZ` has no way to complain; and `ZONEINFO` does not count here.
pub(super) fn local(context: &ImageContext<'_>, go: &Go<'_>) -> Option<Need> {
    let set = context.env("TZ")?;
    let zone = set.strip_prefix(':').unwrap_or(set);
    if zone.is_empty() || UTC.contains(&zone) || go.cannot(Ability::LocalTime) {
        return None;
    }
    let there = |path: &str| context.tree.lookup(path).is_ok() || context.volume_at(path);
    let why = if zone.starts_with('/') {
        if there(zone) {
            return None;
        }
        format!("there is no {zone}")
    } else if zone.contains(',') {
        "Go does not read rules in this form, only names".into()
    } else {
        let directories = ZONE_DIRECTORIES.iter().filter(|directory| there(directory));
        let directories: Vec<_> = directories.collect();
        let found = directories.iter().any(|at| there(&format!("{at}/{zone}")));
        if found || !go.cannot(Ability::OwnTimeZones) || goroot(context, go) {
            return None;
        }
        match directories.first() {
            Some(directory) => format!("there is no {directory}/{zone}"),
            None => "the image has no zone data, nor has the program".into(),
        }
    };
    let path = &go.path;
    let mut evidence = vec![format!("TZ={set}"), why.clone()];
    evidence.extend(go.evidence(Ability::LocalTime));
    Some(Need {
        rule: Rule::SilentUtc,
        severity: Severity::WillFail,
        what: format!("TZ is {set}, and {why}. {path} takes UTC for local time, without a word."),
        when: "tells local time: it is UTC's",
        evidence,
        fix: FIX.into(),
    })
}

fn has_data(context: &ImageContext<'_>, go: &Go<'_>) -> bool {
    let volume = ZONE_DIRECTORIES.iter().any(|path| context.volume_at(path));
    volume
        || !go.cannot(Ability::OwnTimeZones)
        || goroot(context, go)
        || zoneinfo(context.tree)
            .iter()
            .any(|at| !at.ends_with(".zip"))
}

/// The archive of a Go installation, where the program was told of one: by the environment, or
/// when it was built, which `-trimpath` makes it forget.
fn goroot(context: &ImageContext<'_>, go: &Go<'_>) -> bool {
    let root = context.env("GOROOT").filter(|root| !root.is_empty());
    let build = go.program.build();
    let forgot = build.is_some_and(BuildInfo::has_trimmed_paths);
    if root.is_none() && forgot {
        return false;
    }
    let root = root.unwrap_or("/usr/local/go");
    let archive = format!("{root}/lib/time/zoneinfo.zip");
    context.tree.lookup(&archive).is_ok()
}
