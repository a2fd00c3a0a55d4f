//! USER by a name that `/etc/passwd` or `/etc/group` does not know, or by a number out of range.
//!
//! Source: `GetExecUser` of moby's `sys/user`, which reads the image's own files.

use super::prelude::*;
use crate::entrypoint::{MAX_ID, Why};

pub(super) static RULE: Rule = Rule {
    order: 110,
    id: "unknown-user",
    title: "USER names nobody in /etc/passwd",
    page: Some("museum/user-by-name.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let unknown = context.image.unknown_user.as_ref()?;
    let (name, what, file) = (&unknown.name, unknown.what, unknown.file);
    let unable = format!("The engine looks nowhere else: unable to find {what} {name}.");
    let (why, then) = match unknown.why {
        Why::NoLine => (format!("{file} of the image has no such line"), unable),
        Why::EtcIsLink => (
            "/etc is a link, in whose place Docker puts a directory of its own".to_owned(),
            unable,
        ),
        Why::NoFile => (format!("the image has no {file}"), unable),
        Why::OutOfRange => (
            format!("ids end at {MAX_ID}"),
            "The engine refuses it: uids and gids must be in range.".to_owned(),
        ),
    };
    let container = context.image.container;
    let said = match container.and_then(|container| container.user_said()) {
        Some(_) => "The manifest",
        None => "USER",
    };
    Some(Explanation::new(
        format!("{said} names the {what} {name:?}, and {why}. {then}"),
        vec![format!("USER {}", context.image.runtime.user), why],
        "USER 10001:10001: numbers need no file",
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn the_engine_takes_no_ids_beyond_31_bits() {
        let elf = elf();
        let run = |user: &str| {
            let files = [
                Make::Mode("app", 0o755, &elf),
                Make::File("etc/passwd", b"big:x:3000000001:8::/:/bin/sh\n"),
            ];
            found(&json!({ "Cmd": ["/app"], "User": user }), &files)
        };
        let not = ["will not start: unknown-user"];
        assert_eq!(run("2147483647:2147483647"), [""; 0]);
        assert_eq!(run("2147483648"), not);
        assert_eq!(run("1:2147483648"), not);
        assert_eq!(run("3000000001"), [""; 0]);
        assert_eq!(run("99999999999999999999"), not);
    }

    #[test]
    fn no_user_is_found_behind_a_link_in_etc_s_place() {
        let elf = elf();
        let run = |user: &str, target: &str| {
            let files = [
                Make::Mode("app", 0o755, &elf),
                Make::File("system/etc/passwd", b"app:x:7:7::/:/bin/sh\n"),
                Make::File("system/etc/group", b"app:x:7:\n"),
                Make::Link("etc", target),
            ];
            let mut said = found(&json!({ "Cmd": ["/app"], "User": user }), &files);
            said.retain(|one| !one.contains("passwd-link"));
            said
        };
        let not = ["will not start: unknown-user"];
        for target in ["/system/etc", "system/etc"] {
            assert_eq!(run("app", target), not);
            assert_eq!(run("7:app", target), not);
            assert_eq!(run("7:7", target), [""; 0]);
        }
    }

    #[test]
    fn users_by_name_need_a_line_in_passwd() {
        let elf = elf();
        let run = |user: &str, passwd: &str| {
            let files = [
                Make::Mode("app", 0o755, &elf),
                Make::File("etc/passwd", passwd.as_bytes()),
            ];
            let from = usize::from(passwd.is_empty());
            found(
                &json!({ "Cmd": ["/app"], "User": user }),
                &files[..files.len() - from],
            )
        };
        let not = ["will not start: unknown-user"];
        assert_eq!(run("app", ""), not);
        assert_eq!(run("root", ""), not);
        assert_eq!(run("app", "root:x:0:0::/root:/bin/sh\n"), not);
        assert_eq!(run("app", "app:x:7:7::/:/x\n"), [""; 0]);
        // The engine takes what is missing for 0.
        assert_eq!(run("app", "app:x\n"), [""; 0]);
        assert_eq!(run("10001", ""), [""; 0]);
        assert_eq!(run("10001:10001", ""), [""; 0]);
        assert_eq!(run("7:staff", "app:x:7:7::/:/x\n"), not);
    }
}
