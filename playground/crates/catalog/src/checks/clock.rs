//! `clock = "Europe/Berlin"`: the program's clock beside the wall clock of a time zone at the very
//! same instant.

use crate::checks::kind::{Kind, Needs};
use crate::pattern::as_text;
use crate::toml::reader::Need;
use crate::toml::rules::required_flag;
use crate::toml::table::Table;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::temporal::Pieces};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The program's clock beside the wall clock of a time zone.
#[derive(Clone, Debug, Serialize)]
pub struct Clock {
    /// IANA name: `Europe/Berlin`.
    pub zone: String,
    /// One group, which captures an RFC 3339 timestamp in what the program says.
    #[serde(serialize_with = "as_text")]
    pub reads: Regex,
    /// Whether the two must agree.
    pub agrees: bool,
}

/// The two clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Two clocks at the same instant.
    Clocks {
        /// IANA name of the time zone.
        zone: String,
        /// What the program says, RFC 3339.
        program: String,
        /// What it is there, RFC 3339.
        expected: String,
        /// Whether both show the same time of day.
        agrees: bool,
    },
    /// The program gave no timestamp.
    NoClock,
}

impl Kind for Clock {
    const KEYS: &'static [&'static str] = &["clock"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<Clock> {
        let zone = table.text("clock", Need::Required);
        if let Some(zone) = &zone
            && TimeZone::get(&zone.value).is_err()
        {
            zone.report(format!("`{zone}` is not a time zone such as Europe/Berlin"));
        }
        let reads = table.regex("reads", Need::Required);
        if let Some(reads) = &reads
            && reads.value.captures_len() != 2
        {
            reads.report("`reads` needs exactly one group: the timestamp");
        }
        let agrees = required_flag(table, "agrees", "a `clock`");
        Some(Clock {
            zone: zone?.value,
            reads: reads?.value,
            agrees: agrees?,
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        let clocks = |said: &str| self.compare(said).unwrap_or(Seen::NoClock);
        Needs::Output(Box::new(clocks))
    }

    fn expected(&self) -> String {
        match self.agrees {
            true => format!("shows the time of {}", self.zone),
            false => format!("does not show the time of {}", self.zone),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        matches!(seen, Seen::Clocks { agrees, .. } if *agrees == self.agrees)
    }
}

impl Clock {
    /// `None` where the program said nothing that is a timestamp.
    fn compare(&self, said: &str) -> Option<Seen> {
        let program = self.reads.captures(said)?.get(1)?.as_str();
        let instant = program.parse::<Timestamp>().ok()?;
        let pieces = Pieces::parse(program).ok()?;
        let there = instant.to_zoned(TimeZone::get(&self.zone).ok()?);
        // RFC 3339 says both: the instant, and the time of day on the clock that was read.
        let shown = pieces.time().map(|time| pieces.date().to_datetime(time));
        Some(Seen::Clocks {
            zone: self.zone.clone(),
            program: program.to_owned(),
            expected: format!("{}{}", there.datetime(), there.strftime("%:z")),
            agrees: shown == Some(there.datetime()),
        })
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seen::Clocks {
                program,
                expected,
                zone,
                ..
            } => write!(f, "{program}; in {zone} it is {expected}"),
            Seen::NoClock => f.write_str("the program gave no RFC 3339 timestamp"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(said: &str) -> Seen {
        let clock = Clock {
            zone: "Europe/Berlin".into(),
            reads: Regex::new(r"now: (\S+)").expect("a pattern"),
            agrees: true,
        };
        let Needs::Output(then) = clock.needs() else {
            panic!("a clock is read off what the program says");
        };
        then(said)
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
