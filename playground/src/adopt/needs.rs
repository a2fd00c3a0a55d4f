//! What preflight finds in an image that was just built, as changes of its plan. Pure.
//!
//! The first image holds the program and nothing else. What its own code needs is read from its
//! bytes; each finding that a plan can answer is answered before anything is started.

use super::plan::{Decisions, Linkage, Plan, Topic};
use super::repair::Repair;
use analysis::preflight::Finding;

/// Answers all findings that the plan can answer.
pub(super) fn answer(
    findings: &[Finding],
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for finding in findings {
        let before = plan.clone();
        let Some((topic, value, otherwise)) = change(finding.rule.id, plan) else {
            continue;
        };
        if *plan == before {
            continue;
        }
        let page = finding.page().map(str::to_owned);
        let evidence = finding.evidence.iter().take(4).cloned();
        decisions.set(topic, value, evidence, otherwise, page.as_deref());
        repairs.push(Repair {
            what: match value.starts_with(topic.words()) {
                true => value.to_owned(),
                false => format!("{}: {value}", topic.words()),
            },
            why: finding.what.clone(),
            page,
        });
    }
    repairs
}

fn change(rule: &str, plan: &mut Plan) -> Option<(Topic, &'static str, &'static str)> {
    Some(match rule {
        "no-ca-certificates" => {
            plan.certificates = true;
            (
                Topic::Certificates,
                "copied from the build stage",
                "a pool of roots in the program itself, or no TLS client",
            )
        }
        // The tag would do, and compile all anew: it is for those who are seen to load a zone.
        "no-time-zones" => {
            plan.zones = true;
            (
                Topic::Zones,
                "the archive of Go's toolchain, named by ZONEINFO",
                "-tags timetzdata, where TZ is to count, too; or a program that knows UTC alone",
            )
        }
        "user-lookup" | "unknown-user" => {
            plan.passwd = true;
            (
                Topic::Users,
                "a passwd and a group file with one line each",
                "a program that does not ask who it is",
            )
        }
        "no-tmp" | "tmp-not-writable" => {
            plan.tmp = true;
            (
                Topic::Temporary,
                "/tmp, mode 1777; a tmpfs where the root is read-only",
                "a program that makes no temporary files",
            )
        }
        "mime-types" => {
            plan.mime = true;
            (
                Topic::Types,
                match plan.linkage {
                    // Alpine's Go image has no table.
                    Linkage::Musl => "/etc/mime.types with the types of what pages are made of",
                    _ => "/etc/mime.types from the build stage",
                },
                "types that the program names itself, or no files served",
            )
        }
        "cgo-stub" if plan.linkage == Linkage::Pure => {
            let go = plan.go_image.clone();
            super::decide::set_linkage(plan, Linkage::Musl, &go);
            (
                Topic::Cgo,
                "on, linked statically against musl",
                "a driver that is Go alone",
            )
        }
        "loader-missing" | "library-missing" if plan.linkage != Linkage::Glibc => {
            let go = plan.go_image.clone();
            super::decide::set_linkage(plan, Linkage::Glibc, &go);
            (Topic::Cgo, "on, with glibc in the image", "a static build")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::plan::testing::plan;
    use super::*;

    #[test]
    fn each_need_changes_the_plan_once() {
        for rule in [
            "no-ca-certificates",
            "no-time-zones",
            "user-lookup",
            "no-tmp",
            "mime-types",
            "cgo-stub",
        ] {
            let mut plan = plan();
            let before = plan.clone();
            assert!(change(rule, &mut plan).is_some(), "{rule}");
            assert_ne!(plan, before, "{rule}");
            let once = plan.clone();
            change(rule, &mut plan);
            assert_eq!(plan, once, "{rule}");
        }
        assert!(change("debug-info", &mut plan()).is_none());
    }
}
