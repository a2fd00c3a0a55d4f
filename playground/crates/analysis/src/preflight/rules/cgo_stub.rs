//! A package that needs cgo was built without it, so that only its stub is in.
//!
//! Programs offer it among other databases, so that it fails for sure only where the program's own
//! code opens one.
//!
//! Source: `static_mock.go` of github.com/mattn/go-sqlite3.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 200,
    id: "cgo-stub",
    title: "A cgo-only driver was built without cgo",
    page: Some("museum/cgo-driver.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

fn check(_: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let mut evidence = go.evidence(Ability::CgoStub)?;
    evidence.extend((go.cgo() == Some(false)).then(|| "built with CGO_ENABLED=0".to_owned()));
    let path = &go.path;
    let fix = "take a driver without C (modernc.org/sqlite), or build with cgo and link statically \
               with musl";
    evidence.extend(go.seen(Ability::CgoStub));
    let does = go.does(Ability::CgoStub);
    if does.is_empty() {
        let what = format!(
            "{path} has go-sqlite3 without its C. Is a SQLite database ever opened, or are others \
             configured? The first statement would say that this is a stub."
        );
        return Some(Explanation::asks(what, evidence, fix));
    }
    Some(Explanation::will_fail(
        "opens a SQLite database",
        format!(
            "{path} has go-sqlite3 without its C: the first statement says that this is a stub."
        ),
        evidence,
        fix,
    ))
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;
    use serde_json::json;

    const STUB: Can = (
        Ability::CgoStub,
        "github.com/mattn/go-sqlite3.SQLiteDriver.Open",
    );

    #[test]
    fn a_stub_is_told_by_its_function() {
        let opens = [(Ability::CgoStub, "database/sql.Open", "sqlite3")];
        assert_eq!(go_with(&[STUB], &[]), ["advice: cgo-stub"]);
        assert_eq!(
            go_does(json!({}), &opens, &[STUB], &[]),
            ["will fail: cgo-stub"]
        );
    }
}
