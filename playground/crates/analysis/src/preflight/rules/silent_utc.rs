//! `TZ` is set, and there is no data of its zone: Go takes UTC, and has no way to complain.
//!
//! Source: `initLocal` in Go's `zoneinfo_unix.go`. `ZONEINFO` does not count here, nor are rules in
//! POSIX form (`CET-1CEST,…`) read.

use super::prelude::*;
use crate::image::notable::ZONE_DIRECTORIES;
use crate::preflight::time_zones::{FIX, toolchain_data};

pub(super) static RULE: Rule = Rule {
    order: 160,
    id: "silent-utc",
    title: "TZ is set without zone data: silently UTC",
    page: Some("museum/silent-utc.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

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

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let image = &context.image;
    let set = image.env("TZ")?;
    let linked = go.evidence(Ability::LocalTime)?;
    let zone = set.strip_prefix(':').unwrap_or(set);
    if zone.is_empty() || UTC.contains(&zone) {
        return None;
    }
    let there = |path: &str| image.tree.lookup(path).is_ok() || image.volume_at(path);
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
        if found || !go.cannot(Ability::OwnTimeZones) || toolchain_data(image, go) {
            return None;
        }
        match directories.first() {
            Some(directory) => format!("there is no {directory}/{zone}"),
            None => "the image has no zone data, nor has the program".into(),
        }
    };
    let path = &go.path;
    let mut evidence = vec![format!("TZ={set}"), why.clone()];
    evidence.extend(linked);
    Some(Explanation::will_fail(
        "tells local time: it is UTC's",
        format!("TZ is {set}, and {why}. {path} takes UTC for local time, without a word."),
        evidence,
        FIX,
    ))
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;

    const ZONES: Can = (Ability::TimeZones, "time.LoadLocation");
    const LOCAL: Can = (Ability::LocalTime, "time.initLocal");
    const OWN_ZONES: Can = (Ability::OwnTimeZones, "time/tzdata.loadFromEmbeddedTZData");

    #[test]
    fn tz_is_silently_utc_where_its_zone_is_not() {
        let no = ["will fail: silent-utc"];
        let tz = |zone: &str, can: &[Can], files: &[Make<'_>]| {
            go_env(&[&format!("TZ={zone}")], can, files)
        };
        let data = [
            Make::File("usr/share/zoneinfo/Europe/Berlin", b"TZif"),
            Make::File("etc/localtime", b"TZif"),
        ];
        let berlin = "Europe/Berlin";
        assert_eq!(tz(berlin, &[LOCAL], &[]), no);
        assert_eq!(tz(berlin, &[], &[]), NOTHING);
        assert_eq!(tz(berlin, &[LOCAL, OWN_ZONES], &[]), NOTHING);
        assert_eq!(tz(berlin, &[LOCAL], &data), NOTHING);
        assert_eq!(tz(":Europe/Berlin", &[LOCAL], &data), NOTHING);
        assert_eq!(tz("Europe/Berln", &[LOCAL], &data), no);
        assert_eq!(tz("/etc/localtime", &[LOCAL], &data), NOTHING);
        assert_eq!(
            tz("CET-1CEST,M3.5.0,M10.5.0/3", &[LOCAL, OWN_ZONES], &data),
            no
        );
        for utc in ["", "UTC", "Etc/UTC"] {
            assert_eq!(tz(utc, &[LOCAL], &[]), NOTHING);
        }
        // ZONEINFO is for names that the program loads, not for TZ.
        let both = ["TZ=Europe/Berlin", "ZONEINFO=/usr/zones"];
        let elsewhere = [Make::File("usr/zones/Europe/Berlin", b"TZif")];
        assert_eq!(go_env(&both, &[LOCAL, ZONES], &elsewhere), no);
    }
}
