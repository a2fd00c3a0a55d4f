//! What was measured of a lab, and of each part of it when and where.
//!
//! A variant has two parts, each replaced as a whole: what is exact, and its timed rounds. A quick
//! run renews the one, a run for one claim some variants only; what they leave alone keeps the
//! engine, the Go and the date that it was measured with.

use catalog::Lab;
use catalog::claims::Samples;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was measured of a lab, and under which circumstances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Of everything that `earlier` does not name.
    #[serde(flatten)]
    pub newest: Provenance,
    /// By variant.
    pub variants: BTreeMap<String, Samples>,
    /// By variant: what is of other circumstances.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub earlier: BTreeMap<String, Earlier>,
}

/// When, where and with what something was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The run of the ledger; older recordings do not name it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub session: String,
    /// Name and version.
    pub engine: String,
    /// `amd64`, `arm64`.
    pub arch: String,
    /// The processor's name, where it is known.
    pub cpu: String,
    /// How many of its cores there are.
    pub cores: usize,
    /// The bases' Go, where known.
    pub go: Option<String>,
    /// The day, as 2026-11-28.
    pub date: String,
    /// `published` or `rebuilt`.
    pub bases: String,
}

/// The parts of a variant that are of other circumstances than its lab's newest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// Of what is exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Provenance>,
    /// Of the timed rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<Provenance>,
}

/// A part of what is known of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What is exact: behaviour, message, sizes.
    Look,
    /// The timed rounds.
    Rounds,
}

impl Provenance {
    /// Whether what is measured here may stand beside it as if measured together: the day and the
    /// run may differ. Bases are not asked, since they appear on an engine as they are needed.
    pub fn is_like(&self, here: &Provenance) -> bool {
        let place = |of: &Provenance| [&of.engine, &of.arch, &of.cpu].map(Clone::clone);
        let go = self.go.is_none() || here.go.is_none() || self.go == here.go;
        place(self) == place(here) && self.cores == here.cores && go
    }
}

impl Earlier {
    fn part(&mut self, part: Part) -> &mut Option<Provenance> {
        match part {
            Part::Look => &mut self.look,
            Part::Rounds => &mut self.rounds,
        }
    }
}

impl Taken {
    /// Where a part of a variant is from.
    pub fn provenance(&self, variant: &str, part: Part) -> &Provenance {
        let earlier = self.earlier.get(variant);
        let own = earlier.and_then(|earlier| match part {
            Part::Look => earlier.look.as_ref(),
            Part::Rounds => earlier.rounds.as_ref(),
        });
        own.unwrap_or(&self.newest)
    }

    /// Whether any of it is of this run of the ledger.
    pub fn is_of(&self, session: &str) -> bool {
        let parts = self.variants.keys();
        let mut parts = parts.flat_map(|id| [(id, Part::Look), (id, Part::Rounds)]);
        parts.any(|(id, part)| self.provenance(id, part).session == session)
    }

    /// Replaces a part of a variant by that of `samples`, and leaves everything else what it is.
    pub fn put(
        &mut self,
        lab: &Lab,
        variant: &str,
        (part, samples): (Part, &Samples),
        of: &Provenance,
    ) {
        self.renew(of);
        let of_part = |id: &str| {
            let metric = lab.metric(id)?;
            Some(match metric.timed {
                true => Part::Rounds,
                false => Part::Look,
            })
        };
        let known = self.variants.entry(variant.to_owned()).or_default();
        known
            .metrics
            .retain(|id, _| of_part(id).is_some_and(|of| of != part));
        let new = samples.metrics.iter();
        let new = new.filter(|(id, _)| of_part(id) == Some(part));
        known
            .metrics
            .extend(new.map(|(id, values)| (id.clone(), values.clone())));
        match part {
            Part::Look => {
                known.behaves = samples.behaves;
                known.message.clone_from(&samples.message);
                known.missing.clone_from(&samples.missing);
            }
            Part::Rounds => {
                known.rounds = samples.rounds;
                known.builds.clone_from(&samples.builds);
            }
        }
        if let Some(earlier) = self.earlier.get_mut(variant) {
            *earlier.part(part) = None;
        }
        self.tidy();
    }

    /// Lays what one run of the ledger measured over this; what it did not measure stays.
    pub fn lay_over(&mut self, lab: &Lab, newer: &Taken, session: &str) {
        for (variant, samples) in &newer.variants {
            for part in [Part::Look, Part::Rounds] {
                let of = newer.provenance(variant, part);
                let measured = part == Part::Look || samples.rounds > 0;
                if of.session == session && measured {
                    self.put(lab, variant, (part, samples), of);
                }
            }
        }
        if newer.newest.session == session {
            self.renew(&newer.newest);
        }
        self.forget_all_but(lab);
    }

    /// Forgets variants that are not there any more.
    pub fn forget_all_but(&mut self, lab: &Lab) {
        let is_there = |variant: &String| lab.variants.iter().any(|one| one.id == *variant);
        self.variants.retain(|variant, _| is_there(variant));
        self.tidy();
    }

    /// What there is becomes earlier than this.
    fn renew(&mut self, newest: &Provenance) {
        if self.newest == *newest {
            return;
        }
        let before = std::mem::replace(&mut self.newest, newest.clone());
        for (variant, samples) in &self.variants {
            let earlier = self.earlier.entry(variant.clone()).or_default();
            earlier.look.get_or_insert_with(|| before.clone());
            if samples.rounds > 0 {
                earlier.rounds.get_or_insert_with(|| before.clone());
            }
        }
        self.tidy();
    }

    /// Names nothing as earlier that is not.
    fn tidy(&mut self) {
        let (newest, variants) = (&self.newest, &self.variants);
        self.earlier.retain(|variant, earlier| {
            for part in [Part::Look, Part::Rounds] {
                earlier.part(part).take_if(|of| *of == *newest);
            }
            variants.contains_key(variant) && *earlier != Earlier::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::Catalog;
    use std::path::Path;

    fn on(date: &str) -> Provenance {
        Provenance {
            session: format!("of {date}"),
            engine: "Docker Engine 20.10.24".into(),
            date: date.into(),
            ..Provenance::default()
        }
    }

    fn samples(size: f64, times: &[f64]) -> Samples {
        let times = times.iter().copied().map(Some).collect::<Vec<_>>();
        Samples {
            behaves: true,
            rounds: u32::try_from(times.len()).expect("few"),
            metrics: BTreeMap::from([("text".into(), vec![Some(size)]), ("printed".into(), times)]),
            ..Samples::default()
        }
    }

    /// A lab of which all was measured on the first.
    fn taken() -> (Lab, Taken) {
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ledger");
        let catalog = Catalog::load(&book).expect("sound");
        let lab = catalog.lab("sizes").expect("it is there").clone();
        let mut taken = Taken::default();
        for variant in ["small", "large", "gone"] {
            let all = samples(1.0, &[1.0, 2.0]);
            taken.put(&lab, variant, (Part::Look, &all), &on("1st"));
            taken.put(&lab, variant, (Part::Rounds, &all), &on("1st"));
        }
        assert!(taken.earlier.is_empty(), "{taken:#?}");
        (lab, taken)
    }

    #[test]
    fn a_quick_run_keeps_the_timings_and_their_date() {
        let (lab, mut taken) = taken();
        taken.put(&lab, "small", (Part::Look, &samples(3.0, &[])), &on("2nd"));
        let image = &taken.variants["small"];
        assert_eq!(image.values("text"), [3.0]);
        assert_eq!(image.values("printed"), [1.0, 2.0]);
        assert_eq!(image.rounds, 2);
        assert_eq!(taken.provenance("small", Part::Look).date, "2nd");
        assert_eq!(taken.provenance("small", Part::Rounds).date, "1st");
    }

    #[test]
    fn what_is_measured_of_one_variant_changes_the_date_of_no_other() {
        let (lab, mut taken) = taken();
        let new = samples(3.0, &[9.0]);
        taken.put(&lab, "small", (Part::Look, &new), &on("2nd"));
        taken.put(&lab, "small", (Part::Rounds, &new), &on("2nd"));
        assert_eq!(taken.newest.date, "2nd");
        for part in [Part::Look, Part::Rounds] {
            assert_eq!(taken.provenance("small", part).date, "2nd");
            assert_eq!(taken.provenance("large", part).date, "1st");
        }
        // And all is of one day again once the rest is.
        taken.forget_all_but(&lab);
        taken.put(&lab, "large", (Part::Look, &new), &on("2nd"));
        taken.put(&lab, "large", (Part::Rounds, &new), &on("2nd"));
        assert!(taken.earlier.is_empty(), "{taken:#?}");
    }

    #[test]
    fn a_recording_takes_over_what_one_run_measured_and_nothing_else() {
        let (lab, mut recorded) = taken();
        let (_, mut here) = taken();
        here.put(&lab, "large", (Part::Look, &samples(7.0, &[])), &on("2nd"));
        here.put(&lab, "small", (Part::Look, &samples(3.0, &[])), &on("3rd"));
        recorded.lay_over(&lab, &here, "of 3rd");
        assert_eq!(recorded.variants["small"].values("text"), [3.0]);
        assert_eq!(recorded.variants["small"].values("printed"), [1.0, 2.0]);
        assert_eq!(recorded.provenance("small", Part::Look).date, "3rd");
        assert_eq!(recorded.provenance("small", Part::Rounds).date, "1st");
        assert_eq!(
            recorded.variants["large"].values("text"),
            [1.0],
            "of another run"
        );
        assert!(!recorded.variants.contains_key("gone"));
    }

    #[test]
    fn files_without_parts_of_their_own_are_read_and_unknown_keys_refused() {
        let text = r#"{"engine":"E","arch":"amd64","cpu":"C","cores":2,"go":null,"date":"1st",
            "bases":"rebuilt","variants":{"small":{"behaves":true,"rounds":1,"metrics":
            {"printed":[1.5]},"builds":["ab"]}}}"#;
        let taken: Taken = serde_json::from_str(text).expect("as older recordings are");
        assert_eq!(taken.provenance("small", Part::Rounds).date, "1st");
        let again = serde_json::to_string(&taken).expect("JSON");
        assert_eq!(serde_json::from_str::<Taken>(&again).expect("sound"), taken);
        let unknown = text.replace("\"cores\"", "\"colour\":1,\"cores\"");
        let error = serde_json::from_str::<Taken>(&unknown).expect_err("unknown");
        assert!(
            error.to_string().contains("unknown field `colour`"),
            "{error}"
        );
    }
}
