//! The command is no executable for Linux at all, or one that broke off.
//!
//! Source: the kernel's ENOEXEC ("exec format error"); shells then take the file for a script.

use super::prelude::*;
use crate::preflight::start::FormatError;

pub(super) static RULE: Rule = Rule {
    order: 60,
    id: "not-an-executable",
    title: "The command is no Linux executable",
    page: Some("museum/exec-format.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain)],
};

fn explain(_: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let StartError::Format(error) = &failed.error else {
        return None;
    };
    let path = &failed.path;
    let refused =
        |what: String| format!("{what}, so the kernel refuses to run it: exec format error.");
    let first_bytes = format!("the first bytes of {path}");
    let (what, evidence, fix) = match error {
        FormatError::OtherSystem(form) => (
            refused(format!("{path} is {form}")),
            first_bytes,
            "build it for Linux: GOOS=linux go build",
        ),
        FormatError::Empty => (
            refused(format!("{path} is an empty file")),
            first_bytes,
            "look at the step that made it: it wrote nothing",
        ),
        FormatError::Unknown => (
            refused(format!(
                "{path} is no program: it begins neither as ELF nor with #!"
            )),
            first_bytes,
            "a script begins with #!/bin/sh on its first line; a Go program comes from a package main",
        ),
        FormatError::Text => (
            refused(format!("{path} is text that does not begin with #!")),
            first_bytes,
            "if it is a script, its first two bytes are #!, as in #!/bin/sh: nothing before them, no \
             blank and no byte order mark",
        ),
        FormatError::Archive => (
            refused(format!(
                "{path} is an archive of object files, not a program"
            )),
            first_bytes,
            "go build -o of a package that is no main writes one: name the command, go build -o /app \
             ./cmd/app",
        ),
        FormatError::OtherElf => (
            refused(format!("{path} is an ELF file, but no executable")),
            first_bytes,
            "a Go program comes from a package main, without -buildmode=c-archive",
        ),
        FormatError::OtherSystemsElf(system) => (
            format!(
                "{path} is a program for {system}. Linux starts it, and its first system call is \
                 another one here: it dies of a segmentation fault, with exit code 139."
            ),
            format!("the ELF header of {path}"),
            "build it for Linux: GOOS=linux go build",
        ),
        FormatError::Damaged(error) => (
            format!("{path} is damaged: {error}"),
            format!("the headers of {path}"),
            "build or copy it anew: the copy broke off",
        ),
        FormatError::Library => (
            format!(
                "{path} is a shared library without a start: whoever executes it gets a \
                 segmentation fault."
            ),
            format!("no interpreter and no entry point in {path}"),
            "go build without -buildmode=c-shared or plugin",
        ),
    };
    let page = match error {
        FormatError::Text => Some("museum/script-start.html"),
        FormatError::Archive | FormatError::OtherElf => Some("museum/not-a-program.html"),
        _ => None,
    };
    Some(Explanation {
        page,
        ..Explanation::new(what, vec![evidence], fix)
    })
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};
    use serde_json::json;

    #[test]
    fn what_the_kernel_does_not_know_is_no_executable() {
        let elf = elf();
        let mut object = elf.clone();
        object[16] = 1;
        let not = ["will not start: not-an-executable"];
        // Cut off among its program headers.
        let mut cut = elf.clone();
        (cut[32], cut[56]) = (64, 1);
        let in_header = &elf[..40];
        // Go's linker writes FreeBSD's number there.
        let mut other = elf.clone();
        other[7] = 9;
        for bytes in [
            b"".as_slice(),
            b"MZ\x90",
            b"!<arch>\n",
            &object,
            &cut,
            in_header,
            &other,
        ] {
            assert_eq!(found(&app(), &[Make::Mode("app", 0o755, bytes)]), not);
        }
        // A shell runs it as a script.
        let sh = json!({ "Cmd": ["/bin/sh", "-c", "/app"] });
        let files = [
            Make::Mode("bin/sh", 0o755, &elf),
            Make::Mode("app", 0o755, b"echo hello"),
        ];
        assert_eq!(found(&sh, &files), ["advice: shell"]);
    }

    #[test]
    fn each_kind_is_shown_on_its_own_page() {
        let mut object = elf();
        object[16] = 1;
        for (bytes, page) in [
            (b"MZ\x90".as_slice(), "museum/exec-format.html"),
            (b"echo hello\n", "museum/script-start.html"),
            (b"!<arch>\n", "museum/not-a-program.html"),
            (&object, "museum/not-a-program.html"),
        ] {
            let inspection = image(&app(), &[Make::Mode("app", 0o755, bytes)]);
            let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
            assert_eq!(found[0].page(), Some(page), "{found:?}");
        }
    }

    #[test]
    fn a_library_is_no_program() {
        let library = dynamic("", &["libc.so.6"], "");
        assert_eq!(
            found(&app(), &[Make::Mode("app", 0o755, &library)]),
            ["will not start: not-an-executable"]
        );
    }
}
