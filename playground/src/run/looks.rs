//! Evidence for what nobody reports: two clocks, the context's weight, a secret in a layer.

use super::evidence::Evidence;
use super::execute::RunContext;
use super::measure::{facts, read_archive};
use super::steps::Step;
use crate::event::{Event, FoundFile, Looked, Phase, Seen};
use analysis::image::search::search;
use catalog::{Context, Look, Sight};
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::temporal::Pieces};
use policy::UserError;
use regex::Regex;

/// What can be seen of the context, as it is sent.
pub(super) fn at_context(ctx: &RunContext<'_>, context: &Context) -> Vec<Looked> {
    let looks = ctx.spec.variant.looks.iter();
    let of_context = looks.filter(|look| matches!(look.sight, Sight::Context { .. }));
    let bytes = context.files.values().map(|file| file.bytes.len() as u64);
    let seen = Seen::Context {
        bytes: bytes.sum(),
        files: context.files.len(),
    };
    of_context
        .map(|look| tell(ctx, look, seen.clone()))
        .collect()
}

/// What can be seen of the program and its image once it has run.
pub(super) async fn after(
    ctx: &RunContext<'_>,
    image: &str,
    evidence: &mut Evidence,
) -> Result<(), UserError> {
    for look in &ctx.spec.variant.looks {
        let seen = match &look.sight {
            Sight::Context { .. } => continue,
            Sight::Clock { zone, reads, .. } => {
                clocks(&evidence.said_by_the_program(), zone, reads)
            }
            Sight::Layers { needle, .. } => layers(ctx, image, look, needle).await?,
        };
        evidence.looked.push(tell(ctx, look, seen));
    }
    Ok(())
}

fn tell(ctx: &RunContext<'_>, look: &Look, seen: Seen) -> Looked {
    let looked = Looked {
        look: look.id.clone(),
        title: look.title.clone(),
        seen,
    };
    ctx.log.push(Event::Looked(looked.clone()));
    looked
}

/// The program's timestamp beside the wall clock of `zone` at that very instant.
fn clocks(said: &str, zone: &str, reads: &Regex) -> Seen {
    let found = reads.captures(said).and_then(|found| found.get(1));
    let Some(program) = found.map(|found| found.as_str()) else {
        return Seen::NoClock;
    };
    let (Ok(instant), Ok(pieces), Ok(there)) = (
        program.parse::<Timestamp>(),
        Pieces::parse(program),
        TimeZone::get(zone),
    ) else {
        return Seen::NoClock;
    };
    let there = instant.to_zoned(there);
    // RFC 3339 says both: the instant, and the time of day on the clock that was read.
    let shown = pieces.time().map(|time| pieces.date().to_datetime(time));
    Seen::Clocks {
        zone: zone.to_owned(),
        program: program.to_owned(),
        expected: format!("{}{}", there.datetime(), there.strftime("%:z")),
        agrees: shown == Some(there.datetime()),
    }
}

async fn layers(
    ctx: &RunContext<'_>,
    image: &str,
    look: &Look,
    needle: &str,
) -> Result<Seen, UserError> {
    let step = Step::start(
        ctx.log,
        Phase::Measure,
        &format!("look:{}", look.id),
        "searching every layer of the image",
    );
    let bytes = needle.as_bytes().to_vec();
    let searched = async {
        let diff_ids = facts(ctx, image).await?.diff_ids;
        read_archive(ctx, image, move |archive| {
            search(archive, &diff_ids, &bytes).map(|found| (found, diff_ids.len()))
        })
        .await
    };
    let (found, searched) = match searched.await {
        Ok(found) => found,
        Err(error) => {
            step.failed(&error.what);
            return Err(error);
        }
    };
    step.done();
    let found = found.into_iter().map(|file| FoundFile {
        layer: file.layer,
        path: file.path,
        created_by: file.created_by,
    });
    Ok(Seen::Layers {
        needle: needle.to_owned(),
        found: found.collect(),
        searched,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(said: &str) -> Seen {
        let reads = Regex::new(r"now: (\S+)").expect("a pattern");
        clocks(said, "Europe/Berlin", &reads)
    }

    #[test]
    fn a_clock_on_utc_disagrees_with_berlin_in_summer_and_in_winter() {
        for (utc, berlin) in [
            ("2025-07-15T12:00:00Z", "2025-07-15T14:00:00+02:00"),
            ("2025-01-15T12:00:00Z", "2025-01-15T13:00:00+01:00"),
        ] {
            let wrong = seen(&format!("hello\nnow: {utc}\n"));
            let Seen::Clocks {
                expected, agrees, ..
            } = &wrong
            else {
                panic!("{wrong:?}");
            };
            assert_eq!((expected.as_str(), *agrees), (berlin, false));
            let right = seen(&format!("now: {berlin}"));
            assert!(
                matches!(right, Seen::Clocks { agrees: true, .. }),
                "{right:?}"
            );
        }
    }

    #[test]
    fn what_is_no_timestamp_is_no_clock() {
        for said in [
            "",
            "now: noon",
            "now: 2025-07-15",
            "now: 2025-07-15T12:00:00",
        ] {
            assert_eq!(seen(said), Seen::NoClock, "{said}");
        }
    }
}
