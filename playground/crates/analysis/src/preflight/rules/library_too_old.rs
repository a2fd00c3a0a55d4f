//! A shared library is there, and older than the one that the program was linked to.
//!
//! Source: `_dl_check_map_versions` in glibc's `elf/dl-version.c`; musl does not look at versions.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 100,
    id: "library-too-old",
    title: "A shared library is too old",
    page: Some("museum/glibc-too-old.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain)],
};

fn explain(_: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let StartError::LibraryTooOld(old) = &failed.error else {
        return None;
    };
    let (by, library) = (&old.by, &old.library);
    let lacking = old.lacks.last().unwrap_or(&"");
    let (newer, has) = match old.newest {
        Some(newest) => (
            format!("; the newest there is {newest}"),
            format!("up to {newest}"),
        ),
        None => (String::new(), "none of this kind".to_owned()),
    };
    Some(Explanation::new(
        format!(
            "{by} was linked to a newer library than the image has{newer}. The loader ends it: \
             {library}: version `{lacking}' not found (required by {by})."
        ),
        vec![
            format!("DT_VERNEED of {by}: {}", old.lacks.join(", ")),
            format!("DT_VERDEF of {library}: {has}"),
        ],
        "build on the release that it runs on (golang:1.27-trixie for distroless' debian13, \
              -bookworm for debian12), start from a base as new as the builder, or link nothing: CGO_ENABLED=0 \
              go build",
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};

    const GLIBC: &str = "/lib64/ld-linux-x86-64.so.2";

    #[test]
    fn a_library_that_is_older_than_the_program_is_told() {
        let (program, libc) = (dynamic(GLIBC, &["libc.so.6"], ""), dynamic("", &[], ""));
        let loader = elf();
        let files = [
            Make::Mode("app", 0o755, &program),
            Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &loader),
            Make::Mode("lib/libc.so.6", 0o644, &libc),
        ];
        let run = |has: &[&str]| {
            let mut inspection = image(&app(), &files);
            let needs = [(
                "libc.so.6".to_owned(),
                vec!["GLIBC_2.2.5".to_owned(), "GLIBC_2.34".into()],
            )];
            elf_at(&mut inspection, "/app").needs_versions = needs.into();
            let has = has.iter().map(|version| version.to_string()).collect();
            elf_at(&mut inspection, "/lib/libc.so.6").defines_versions = has;
            inspection
        };
        let said = |has: &[&str]| said(&run(has), &TargetPlatform::default());
        let old = ["GLIBC_2.2.5", "GLIBC_2.31"];
        assert_eq!(said(&old), ["will not start: library-too-old"]);
        assert_eq!(said(&["GLIBC_2.2.5", "GLIBC_2.34"]), [""; 0]);
        // One that names no versions is taken as it is.
        assert_eq!(said(&[]), [""; 0]);
        let found = preflight(&run(&old), &TargetPlatform::default()).expect("a tree");
        let words = "/lib/libc.so.6: version `GLIBC_2.34' not found (required by /app)";
        assert!(found[0].what.contains(words), "{found:?}");
    }
}
