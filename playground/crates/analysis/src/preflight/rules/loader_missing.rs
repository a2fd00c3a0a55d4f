//! The program is started by a dynamic loader (its ELF interpreter) that is not in the image.
//!
//! Source: `load_elf_binary` in the kernel's `fs/binfmt_elf.c` opens `PT_INTERP`. Go links
//! dynamically with cgo, and with `-buildmode=pie` on most systems.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 80,
    id: "loader-missing",
    title: "The dynamic loader is missing",
    page: Some("museum/missing-libc.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain)],
};

fn explain(_: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let StartError::NoLoader {
        program,
        elf,
        interpreter,
        error,
    } = &failed.error
    else {
        return None;
    };
    let path = &failed.path;
    let setting = |name| program.build().and_then(|build| build.setting(name));
    let pie = setting("-buildmode") == Some("pie");
    let cgo = setting("CGO_ENABLED");
    let musl = interpreter.contains("musl");
    let fix = match (program.go.is_some(), pie, cgo) {
        (true, true, Some("0")) => {
            "build without -buildmode=pie, or as a static PIE (-linkmode external -extldflags \
             -static-pie, which needs cgo and gcc), or start from gcr.io/distroless/base-debian13"
        }
        (true, ..) => {
            "CGO_ENABLED=0 go build; or, where C is needed, link it statically; or start from a \
             base with this loader"
        }
        _ if musl => "start from alpine, or bring the loader and the libraries along",
        _ => {
            "start from a base with glibc (gcr.io/distroless/base-debian13), or bring the loader \
             and the libraries along"
        }
    };
    let mut evidence = vec![format!("PT_INTERP of {path}: {interpreter}")];
    evidence.extend(elf.needed.iter().map(|name| format!("needs {name}")));
    evidence.extend(cgo.map(|cgo| format!("built with CGO_ENABLED={cgo}")));
    evidence.extend(pie.then(|| "built with -buildmode=pie".to_owned()));
    Some(Explanation::new(
        format!(
            "{path} is started by the loader {interpreter}, and {}. The error will name {path}: no \
             such file or directory.",
            error.why
        ),
        evidence,
        fix,
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;

    const GLIBC: &str = "/lib64/ld-linux-x86-64.so.2";

    #[test]
    fn a_program_without_its_loader_does_not_start() {
        let app_file = dynamic(GLIBC, &["libc.so.6"], "");
        let files = [Make::Mode("app", 0o755, &app_file)];
        assert_eq!(found(&app(), &files), ["will not start: loader-missing"]);
        // PIE without cgo: a loader, and no library.
        let pie = dynamic(GLIBC, &[], "");
        assert_eq!(
            found(&app(), &[Make::Mode("app", 0o755, &pie)]),
            ["will not start: loader-missing"]
        );
        let loader = elf();
        let files = [
            Make::Mode("app", 0o755, &pie),
            Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &loader),
        ];
        assert_eq!(found(&app(), &files), [""; 0]);
    }
}
