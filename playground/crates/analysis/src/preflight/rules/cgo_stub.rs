//! A package that needs cgo was built without it, so that only its stub is in.
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
    Some(Explanation::will_fail(
        "opens a SQLite database",
        format!(
            "{} has go-sqlite3 without its C: the first statement says that this is a stub.",
            go.path
        ),
        evidence,
        "take a driver without C (modernc.org/sqlite), or build with cgo and link statically with \
         musl",
    ))
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;

    const STUB: Can = (
        Ability::CgoStub,
        "github.com/mattn/go-sqlite3.SQLiteDriver.Open",
    );

    #[test]
    fn a_stub_is_told_by_its_function() {
        assert_eq!(go_with(&[STUB], &[]), ["will fail: cgo-stub"]);
    }
}
