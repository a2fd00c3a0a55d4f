//! A shared library that the program needs, or one of its libraries, is nowhere that the loader
//! looks.
//!
//! Source: `DT_NEEDED`; glibc's `elf/dl-load.c`, musl's `ldso/dynlink.c`.

use super::prelude::*;
use crate::preflight::start::Loader;

pub(super) static RULE: Rule = Rule {
    order: 90,
    id: "library-missing",
    title: "A shared library is missing",
    page: Some("museum/missing-libc.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain)],
};

/// Directories that a finding names.
const MAX_NAMED: usize = 16;

fn explain(_: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let StartError::LibraryMissing {
        loader,
        interpreter,
        name,
        by,
        places,
    } = &failed.error
    else {
        return None;
    };
    let path = &failed.path;
    let whom = match by == path {
        true => path.to_owned(),
        false => format!("{by}, which {path} needs,"),
    };
    let said = match loader {
        Loader::Glibc => format!("error while loading shared libraries: {name}"),
        Loader::Musl => format!("Error loading shared library {name}"),
    };
    let places = first(places.clone(), MAX_NAMED);
    Some(Explanation::new(
        format!("{whom} needs {name}, which is nowhere that {interpreter} looks: {said}."),
        vec![
            format!("DT_NEEDED of {by}: {name}"),
            format!("looked in {}", places.join(", ")),
        ],
        "link it statically (CGO_ENABLED=0 where nothing is C), install the library's \
              package, or COPY what ldd lists",
    ))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::preflight::testing::*;
    use crate::preflight::{Finding, TargetPlatform, preflight};

    /// What is said of a program with this loader that needs `libx.so`.
    fn missing(loader: &str) -> Finding {
        let program = dynamic(loader, &["libx.so"], "");
        let plain = elf();
        let files = [
            Make::Mode("app", 0o755, &program),
            Make::Mode(&loader[1..], 0o755, &plain),
        ];
        let found = preflight(&image(&app(), &files), &TargetPlatform::default());
        found.expect("a tree").swap_remove(0)
    }

    #[test]
    fn a_missing_library_is_told_in_its_loaders_words() {
        let finding = missing("/lib64/ld-linux-x86-64.so.2");
        assert_eq!(
            (finding.rule.id, finding.severity),
            (RULE.id, RULE.severity)
        );
        let said = "error while loading shared libraries: libx.so";
        assert!(finding.what.contains(said), "{finding:?}");
        assert_eq!(finding.evidence[0], "DT_NEEDED of /app: libx.so");
        assert!(
            finding.evidence[1].starts_with("looked in /lib, "),
            "{finding:?}"
        );
        let finding = missing("/lib/ld-musl-x86_64.so.1");
        let said = "Error loading shared library libx.so";
        assert!(finding.what.contains(said), "{finding:?}");
    }
}
