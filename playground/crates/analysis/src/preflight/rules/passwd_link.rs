//! `/etc/passwd` or `/etc/group` is reached through a link that leads out of the image's root.
//!
//! Source: containerd from 2.2 on opens them through Go's `os.Root`, which follows no absolute link, and
//! none above the root. Docker's engine reads them within the root, so that this is a question.

use super::prelude::*;
use crate::image::tree::Tree;

pub(super) static RULE: Rule = Rule {
    order: 115,
    id: "passwd-link",
    title: "/etc/passwd is a link out of the image",
    page: Some("museum/passwd-link.html"),
    severity: Severity::Advice,
    checks: &[Check::Each(check)],
};

/// Links that are followed.
const MAX_LINKS: usize = 40;

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    let image = &context.image;
    let one = |file: &str| {
        let (link, target) = leaves(image.tree, file)?;
        let how = match target.starts_with('/') {
            true => "an absolute link",
            false => "a link that leads above the root",
        };
        let told = Explanation::new(
            format!(
                "{link} is {how}, to {target}. Is containerd 2.2 or newer to run it, as in a new \
                 Kubernetes? It refuses to read {file} through one: path escapes from parent. \
                 Docker's own engine reads it."
            ),
            vec![format!("{link} -> {target}")],
            format!("COPY the file itself to {file}, or make the link relative"),
        );
        let at = image.tree.lookup_link(&link).ok()?;
        Some(told.at(image.location(at)))
    };
    ["/etc/passwd", "/etc/group"]
        .into_iter()
        .filter_map(one)
        .collect()
}

/// The first link on the way to a file that does, and where it points.
fn leaves<'a>(tree: &Tree<'a>, file: &str) -> Option<(String, &'a str)> {
    let mut open: Vec<&str> = file.split('/').rev().collect();
    let mut way: Vec<&str> = Vec::new();
    let mut links = 0;
    while let Some(part) = open.pop() {
        match part {
            "" | "." => continue,
            ".." => {
                way.pop();
                continue;
            }
            _ => way.push(part),
        }
        let path = format!("/{}", way.join("/"));
        let Some(target) = tree.node(tree.lookup_link(&path).ok()?).target() else {
            continue;
        };
        way.pop();
        if target.starts_with('/') || climbs(target, way.len()) {
            return Some((path, target));
        }
        links += 1;
        if links > MAX_LINKS {
            return None;
        }
        open.extend(target.split('/').rev());
    }
    None
}

/// Whether a relative path leads above the root from so many directories below it.
fn climbs(target: &str, mut depth: usize) -> bool {
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;

    #[test]
    fn a_link_to_passwd_must_stay_within_the_root() {
        let elf = elf();
        let users = b"root:x:0:0::/root:/bin/sh\n";
        let run = |links: &[Make<'_>]| {
            let mut files = vec![
                Make::Mode("app", 0o755, &elf),
                Make::File("system/etc/passwd", users),
                Make::File("system/etc/group", b"root:x:0:\n"),
            ];
            files.extend_from_slice(links);
            found(&app(), &files)
        };
        let told = "advice: passwd-link";
        let passwd = |target: &'static str| [Make::Link("etc/passwd", target)];
        assert_eq!(run(&passwd("/system/etc/passwd")), [told]);
        assert_eq!(run(&passwd("../../system/etc/passwd")), [told]);
        assert_eq!(run(&passwd("../system/etc/passwd")), NOTHING);
        assert_eq!(run(&[Make::Link("etc", "/system/etc")]), [told, told]);
        assert_eq!(run(&[Make::Link("etc", "system/etc")]), NOTHING);
        assert_eq!(run(&[Make::File("etc/passwd", users)]), NOTHING);
        // Without end.
        assert_eq!(run(&passwd("passwd")), NOTHING);
        assert_eq!(run(&[]), NOTHING);
    }
}
