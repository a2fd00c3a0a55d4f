//! How something is run, what is done to it, and what must come of it: the part of `lab.toml`
//! and `exercise.toml` that both have.

use crate::actions::{Action, check_order};
use crate::checks::Check;
use crate::ending::Outcome;
use crate::lab::{Expect, Provide, Role, RunSettings, Variant};
use crate::limits::MAX_ACTIONS;
use crate::parse::ending::Part;
use crate::parse::expect::read_expect;
use crate::parse::peer::read_provides;
use crate::parse::settings::read_run;
use crate::parse::surroundings::Surroundings;
use crate::probe::Probe;
use crate::toml::reader::Need;
use crate::toml::rules::unique;
use crate::toml::table::Table;
use std::iter;

/// How something is run, and what must come of it.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    pub(crate) provides: Vec<Provide>,
    pub(crate) run: RunSettings,
    pub(crate) probes: Vec<Probe>,
    pub(crate) actions: Vec<Action>,
    pub(crate) checks: Vec<Check>,
    pub(crate) expect: Expect,
}

impl Behaviour {
    /// A variant that behaves so.
    pub(crate) fn into_variant(self, variant: Variant) -> Variant {
        Variant {
            provides: self.provides,
            run: self.run,
            probes: self.probes,
            actions: self.actions,
            checks: self.checks,
            expect: self.expect,
            ..variant
        }
    }
}

pub(crate) fn read_behaviour(
    table: &Table<'_>,
    around: &Surroundings<'_>,
    role: Option<Role>,
) -> Option<Behaviour> {
    let provides = read_provides(table, around);
    let run_table = table.table("run", Need::Optional);
    let has_port = run_table.as_ref().is_some_and(|run| run.has("port"));
    let run = run_table.map(read_run).unwrap_or_default();
    let mut check_ids = Vec::new();
    let mut probes = Vec::new();
    let probe_tables = table.tables("probe");
    let first_probe = probe_tables.first().map(|probe| probe.at);
    for probe in probe_tables {
        let (id, probe) = Probe::read(probe);
        check_ids.extend(id);
        probes.extend(probe);
    }
    let action_tables = table.tables("act");
    let first_action = action_tables.first().map(|action| action.at);
    if let Some(table) = action_tables.get(MAX_ACTIONS) {
        let count = action_tables.len();
        table.report(format!("there are {count} acts; {MAX_ACTIONS} are allowed"));
    }
    let mut actions = Vec::new();
    for action in action_tables {
        let (id, action) = Action::read(action, around.folder);
        check_ids.extend(id);
        actions.extend(action);
    }
    check_order(table, &actions);
    let mut checks = Vec::new();
    let mut check_places = Vec::new();
    for check in table.tables("look") {
        let at = check.at;
        let (id, check) = Check::read(check);
        check_ids.extend(id);
        check_places.extend(check.as_ref().map(|_| at));
        checks.extend(check);
    }
    unique("check", &check_ids);
    let part = Part {
        role,
        actions: &actions,
        probed: first_probe.is_some(),
    };
    let expect_table = table.table("expect", Need::Required);
    let expect = expect_table.and_then(|expect| read_expect(expect, &part));
    let serves = expect
        .as_ref()
        .is_none_or(|expect| expect.outcome == Outcome::Serves);
    // On whichever engine.
    if expect.as_ref().is_some_and(|expect| {
        let differing = expect.differs.iter().filter_map(|one| one.outcome);
        iter::once(expect.outcome)
            .chain(differing)
            .any(|outcome| outcome == Outcome::BuildFails)
    }) {
        for (check, at) in checks.iter().zip(check_places) {
            check.check_unbuilt(at);
        }
    }
    if let (Some(first), false) = (first_action, serves) {
        first.report("only a variant with the outcome `serves` can be acted on");
    }
    if let Some(first) = first_probe {
        if !has_port {
            first.report("probes need a `port` in [variant.run]");
        }
        if !serves {
            first.report("only a variant with the outcome `serves` can be probed");
        }
    }
    Some(Behaviour {
        provides,
        run,
        probes,
        actions,
        checks,
        expect: expect?,
    })
}
