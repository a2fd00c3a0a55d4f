//! What the code of the programs that start can do, and the image does not allow.
//!
//! Owns the rules that rest on functions linked into a Go program: each says which. Refuses to
//! judge programs that are not Go, or whose function table cannot be read.

mod certificates;
mod temporary;
mod users;
mod zones;

use super::finding::{Finding, Severity};
use super::rule::Rule;
use crate::binary::linked::Ability;
use crate::entrypoint::Entrypoint;
use crate::entrypoint::ImageContext;
use crate::image::tree::NodeId;
use crate::inspect::Program;

/// A Go program that starts, with code that could be read.
pub(super) struct Go<'a> {
    id: NodeId,
    path: String,
    program: &'a Program,
}

/// What a rule says; the rest of a [`Finding`] is the same for all of this family.
pub(super) struct Need {
    pub(super) rule: Rule,
    pub(super) severity: Severity,
    pub(super) what: String,
    /// The end of "will fail when it …".
    pub(super) when: &'static str,
    pub(super) evidence: Vec<String>,
    pub(super) fix: String,
}

impl Go<'_> {
    /// What says that the program can; empty where it cannot.
    fn can(&self, ability: Ability) -> &[&'static str] {
        self.program.can(ability).unwrap_or_default()
    }

    fn cannot(&self, ability: Ability) -> bool {
        self.can(ability).is_empty()
    }

    /// `time.LoadLocation is linked into /app`.
    fn evidence(&self, ability: Ability) -> Vec<String> {
        self.linked(self.can(ability))
    }

    fn linked(&self, names: &[&str]) -> Vec<String> {
        let say = |name: &&str| format!("{name} is linked into {}", self.path);
        names.iter().map(say).collect()
    }

    /// Whether its user and host lookups are C's; `None` where it does not tell.
    fn cgo(&self) -> Option<bool> {
        self.program.build()?.cgo()
    }
}

type Check = fn(&ImageContext<'_>, &Go<'_>) -> Option<Need>;

const CHECKS: [Check; 7] = [
    certificates::check,
    zones::by_name,
    zones::local,
    users::check,
    temporary::check,
    programs,
    stub,
];

pub(super) fn find(context: &ImageContext<'_>, started: &Entrypoint, found: &mut Vec<Finding>) {
    let files = started.files();
    for id in &files {
        let Some(program) = context
            .program(*id)
            .filter(|program| program.code().is_some())
        else {
            continue;
        };
        let go = Go {
            id: *id,
            path: context.tree.path(*id),
            program,
        };
        let needs = CHECKS.iter().filter_map(|check| check(context, &go));
        found.extend(needs.map(|need| need.into_finding(context, &go)));
    }
}

impl Need {
    fn into_finding(self, context: &ImageContext<'_>, go: &Go<'_>) -> Finding {
        let fails = self.severity == Severity::WillFail;
        Finding {
            rule: self.rule,
            severity: self.severity,
            what: self.what,
            when: fails.then(|| self.when.to_owned()),
            evidence: self.evidence,
            fix: self.fix,
            location: Some(context.location(go.id)),
        }
    }
}

/// It starts others, and it is the only one.
fn programs(context: &ImageContext<'_>, go: &Go<'_>) -> Option<Need> {
    let tree = context.tree;
    let others = crate::image::notable::executables(tree)
        .into_iter()
        .filter(|id| tree.node(*id).id != tree.node(go.id).id)
        .any(|id| {
            context
                .program(id)
                .is_some_and(|program| can_start(context, program))
        });
    // A volume may bring programs.
    let brought = context
        .search_path()
        .split(':')
        .any(|path| context.volume_at(path));
    if go.cannot(Ability::StartPrograms) || others || brought {
        return None;
    }
    let path = &go.path;
    Some(Need {
        rule: Rule::NoPrograms,
        severity: Severity::WillFail,
        what: format!("{path} can start other programs, and the image has none but itself."),
        when: "starts a program other than itself",
        evidence: {
            let mut evidence = go.evidence(Ability::StartPrograms);
            evidence.push("no other file in the image is executable".into());
            evidence
        },
        fix: "do it in Go, or COPY what it starts into the image".into(),
    })
}

/// Libraries have an executable bit too, now and then; and distroless has a script, but no shell.
fn can_start(context: &ImageContext<'_>, program: &Program) -> bool {
    use crate::binary::{Form, Linkage};
    match (&program.form, &program.elf) {
        (Form::Elf(_), Some(elf)) => elf.linkage != Linkage::Library,
        (Form::Script { interpreter, .. }, _) => {
            context.executable(&context.absolute(interpreter)).is_ok()
        }
        (form, _) => matches!(form, Form::Elf(_)),
    }
}

/// A driver with C in it, built without.
fn stub(_: &ImageContext<'_>, go: &Go<'_>) -> Option<Need> {
    if go.cannot(Ability::CgoStub) {
        return None;
    }
    let path = &go.path;
    let mut evidence = go.evidence(Ability::CgoStub);
    evidence.extend((go.cgo() == Some(false)).then(|| "built with CGO_ENABLED=0".to_owned()));
    Some(Need {
        rule: Rule::CgoStub,
        severity: Severity::WillFail,
        what: format!(
            "{path} has go-sqlite3 without its C: the first statement says that this is a stub."
        ),
        when: "opens a SQLite database",
        evidence,
        fix: "take a driver without C (modernc.org/sqlite), or build with cgo and link statically \
              with musl"
            .into(),
    })
}
