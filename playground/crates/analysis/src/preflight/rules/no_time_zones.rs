//! Time zones are loaded by name, and neither the image nor the program has their data.
//!
//! It fails for sure where the program's own code loads a zone that is named there, and where
//! `ZONEINFO` leads to nothing; else it is a question.
//!
//! Source: `time.LoadLocation` in Go's `zoneinfo.go` and `zoneinfo_read.go`: `$ZONEINFO`, the
//! system's directories, the toolchain's archive, then `time/tzdata`.

use super::prelude::*;
use crate::image::notable::{ZONE_DIRECTORIES, zoneinfo};
use crate::preflight::time_zones::{FIX, toolchain_data};

pub(super) static RULE: Rule = Rule {
    order: 150,
    id: "no-time-zones",
    title: "Time zones are loaded, and there is no zone data",
    page: Some("museum/unknown-time-zone.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let image = &context.image;
    let mut evidence = go.evidence(Ability::TimeZones)?;
    let does = go.does(Ability::TimeZones);
    if image.env_unknown("ZONEINFO") {
        return None;
    }
    let lacking = match data(image, go) {
        Data::All => return None,
        Data::None => None,
        // Of the zones that it names itself, one may be missing, and beside UTC all others are.
        Data::Some(directory) => {
            let missing = does.iter().find(|one| !has_zone(image, &one.with));
            let utc_alone = !has_others(image, directory);
            match missing {
                Some(one) => Some(format!("{directory} has no {}", one.with)),
                None if utc_alone && does.is_empty() => {
                    Some(format!("{directory} has nothing but UTC"))
                }
                None => return None,
            }
        }
    };
    let mut sure = !does.is_empty();
    evidence.extend(go.seen(Ability::TimeZones));
    evidence.push("time/tzdata is not linked in".into());
    match image.env("ZONEINFO").filter(|path| !path.is_empty()) {
        Some(path) if image.tree.lookup(&image.absolute(path)).is_ok() => return None,
        Some(path) if image.volume_at(&image.absolute(path)) => return None,
        // Whoever names a place wants it to be read.
        Some(path) => {
            evidence.push(format!("ZONEINFO={path} leads to nothing"));
            sure = true;
        }
        None => evidence.push(lacking.unwrap_or("no /usr/share/zoneinfo in the image".into())),
    }
    let path = &go.path;
    if !sure {
        return Some(Explanation::asks(
            format!(
                "{path} can load time zones, and neither the image nor the program has their data. \
                 Is one asked for by name, be it in a configuration? Then: unknown time zone. UTC \
                 and Local need no data."
            ),
            evidence,
            FIX,
        ));
    }
    Some(Explanation::will_fail(
        "loads a time zone by name",
        format!(
            "{path} loads time zones by name, and neither the image nor the program has their \
             data: unknown time zone."
        ),
        evidence,
        FIX,
    ))
}

/// What there is of zone data.
enum Data {
    /// In the program, mounted, or a Go installation's.
    All,
    /// A directory with some of it.
    Some(&'static str),
    None,
}

fn data(image: &ImageContext<'_>, go: &GoBinary<'_>) -> Data {
    let volume = ZONE_DIRECTORIES.iter().any(|path| image.volume_at(path));
    if volume || !go.cannot(Ability::OwnTimeZones) || toolchain_data(image, go) {
        return Data::All;
    }
    let found = zoneinfo(image.tree);
    let mut known = ZONE_DIRECTORIES.into_iter();
    let first = known.find(|path| found.iter().any(|at| at == path));
    first.map_or(Data::None, Data::Some)
}

/// Whether any of the places has a file of this zone.
fn has_zone(image: &ImageContext<'_>, zone: &str) -> bool {
    let mut places = ZONE_DIRECTORIES.iter().map(|at| format!("{at}/{zone}"));
    places.any(|path| image.tree.lookup(&path).is_ok())
}

/// Names of UTC, and files that are no zones, besides those with an extension.
const UTC: [&str; 13] = [
    "Etc",
    "GMT",
    "GMT+0",
    "GMT-0",
    "GMT0",
    "Greenwich",
    "UCT",
    "UTC",
    "Universal",
    "Zulu",
    "posix",
    "right",
    "Factory",
];

/// Whether a directory of zones has any but those of UTC.
fn has_others(image: &ImageContext<'_>, directory: &str) -> bool {
    let Ok(id) = image.tree.lookup(directory) else {
        return false;
    };
    let mut names = image.tree.children(id).map(|id| image.tree.node(id).name);
    names.any(|name| !UTC.contains(&name) && !name.contains('.') && name != "leapseconds")
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::TargetPlatform;
    use crate::preflight::testing::*;
    use serde_json::json;

    const ZONES: Can = (Ability::TimeZones, "time.LoadLocation");
    const OWN_ZONES: Can = (Ability::OwnTimeZones, "time/tzdata.loadFromEmbeddedTZData");

    #[test]
    fn zones_by_name_need_data_in_the_image_or_the_program() {
        let no = ["will fail: no-time-zones"];
        let data = Make::File("usr/share/zoneinfo/Europe/Berlin", b"TZif");
        let zip = Make::File("zoneinfo.zip", b"PK");
        assert_eq!(go_with(&[ZONES], &[]), ["advice: no-time-zones"]);
        let berlin = [(Ability::TimeZones, "time.LoadLocation", "Europe/Berlin")];
        assert_eq!(go_does(json!({}), &berlin, &[ZONES], &[]), no);
        assert_eq!(go_with(&[ZONES, OWN_ZONES], &[]), NOTHING);
        assert_eq!(go_with(&[ZONES], &[data]), NOTHING);
        assert_eq!(
            go_env(&["ZONEINFO=/zoneinfo.zip"], &[ZONES], &[zip]),
            NOTHING
        );
        assert_eq!(go_env(&["ZONEINFO=/zoneinfo.zip"], &[ZONES], &[]), no);
    }

    /// An image may have been given no more than the zones that somebody thought of.
    #[test]
    fn zone_data_of_utc_or_of_other_zones_is_not_enough() {
        let utc = [
            Make::File("usr/share/zoneinfo/UTC", b"TZif"),
            Make::File("usr/share/zoneinfo/Etc/UTC", b"TZif"),
            Make::File("usr/share/zoneinfo/zone.tab", b"x"),
        ];
        assert_eq!(go_with(&[ZONES], &utc), ["advice: no-time-zones"]);
        let loads = |zone| [(Ability::TimeZones, "time.LoadLocation", zone)];
        let run = |zone, files: &[Make<'_>]| go_does(json!({}), &loads(zone), &[ZONES], files);
        assert_eq!(run("Europe/Berlin", &utc), ["will fail: no-time-zones"]);
        assert_eq!(run("Etc/UTC", &utc), NOTHING);
        let paris = [Make::File("usr/share/zoneinfo/Europe/Paris", b"TZif")];
        assert_eq!(run("Europe/Berlin", &paris), ["will fail: no-time-zones"]);
        assert_eq!(run("Europe/Paris", &paris), NOTHING);
        assert_eq!(go_with(&[ZONES], &paris), NOTHING);
    }

    #[test]
    fn a_trimmed_program_has_forgotten_where_go_lay() {
        let elf = elf();
        let files = [
            Make::Mode("app", 0o755, &elf),
            Make::File("usr/local/go/lib/time/zoneinfo.zip", b"PK"),
        ];
        let mut inspection = image(&app(), &files);
        make_go(&mut inspection, "/app", "0", &[ZONES]);
        assert_eq!(said(&inspection, &TargetPlatform::default()), NOTHING);
        set(&mut inspection, "/app", "-trimpath", "true");
        assert_eq!(
            said(&inspection, &TargetPlatform::default()),
            ["advice: no-time-zones"]
        );
    }
}
