//! A plan as a Dockerfile and a `.dockerignore`. Pure: equal plans make equal texts.
//!
//! Written for whoever reads it in a year: every line that is not obvious says why, and which page of
//! the book shows what happens without it. It needs BuildKit (any since Docker 18.09) and no
//! `# syntax` line.

use super::facts::listing::copies;
use super::plan::{C_FLAGS, Linkage, Plan, UID};
use super::quoting::{json, json_expanded, place, quoted, word};
use super::tree::WorkingTree;
use catalog::Ignore;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The Dockerfile of a plan.
pub(super) fn dockerfile(plan: &Plan) -> String {
    let mut text = String::from(
        "# Written by `playground adopt`, for `docker build .` at the top of the repository.\n\
         # Pages in brackets are those of the book \"Empty Room\".\n\n",
    );
    build_stage(plan, &mut text);
    text.push('\n');
    final_stage(plan, &mut text);
    text
}

fn build_stage(plan: &Plan, text: &mut String) {
    let go = &plan.go_image;
    match plan.linkage {
        Linkage::Pure => text.push_str(&format!(
            "# The compiler runs on the builder's own CPU, whatever the image is for [c/cross].\n\
             FROM --platform=$BUILDPLATFORM {go} AS build\n"
        )),
        Linkage::Musl => text.push_str(&format!(
            "# Alpine's C library is made to be linked statically [c/cgo].\n\
             FROM {go} AS build\nRUN apk add --no-cache gcc musl-dev\n"
        )),
        Linkage::Glibc => text.push_str(&format!("FROM {go} AS build\n")),
    }
    text.push_str("WORKDIR /src\n\n");
    if plan.module_files.is_empty() {
        text.push_str("# The modules lie in vendor: nothing is fetched.\n");
    } else {
        text.push_str(
            "# Modules before sources: fetched anew only when they change [journey/stage-4].\n",
        );
        text.push_str(&copies(&plan.module_files));
        enter(plan, text);
        text.push_str("RUN --mount=type=cache,target=/go/pkg/mod \\\n    go mod download\n");
        if !plan.module_dir.is_empty() {
            text.push_str("WORKDIR /src\n");
        }
        text.push('\n');
    }
    text.push_str("COPY . .\n");
    enter(plan, text);
    text.push_str(match plan.linkage {
        Linkage::Pure => {
            "# CGO_ENABLED=0: nothing here needs C, so the program stands alone [c/cgo].\n\
             # -trimpath: no paths of this machine in it. -s -w: no symbols, no debug data\n\
             # [program/flags]; stack traces keep their names and lines.\n\
             ARG TARGETOS TARGETARCH\n"
        }
        Linkage::Musl => "# C, linked in whole: the program needs no library beside it [c/cgo].\n",
        Linkage::Glibc => "# C, with glibc beside it in the image below [museum/missing-libc].\n",
    });
    if plan.settings.contains_key(C_FLAGS) {
        text.push_str("# musl has names for 64-bit file calls only where they are asked for.\n");
    }
    go_build(plan, text);
    room(plan, text);
}

fn enter(plan: &Plan, text: &mut String) {
    if !plan.module_dir.is_empty() {
        let _ = writeln!(text, "WORKDIR /src/{}", plan.module_dir);
    }
}

fn go_build(plan: &Plan, text: &mut String) {
    if !plan.stamps.is_empty() {
        text.push_str(
            "# docker build --build-arg VERSION=1.2.3 writes that into the program.\nARG VERSION\n",
        );
    }
    if !plan.module_files.is_empty() {
        text.push_str("RUN --mount=type=cache,target=/go/pkg/mod \\\n    ");
    } else {
        text.push_str("RUN ");
    }
    let cache = match plan.linkage {
        // Objects for musl are none for glibc.
        Linkage::Musl => "--mount=type=cache,id=go-build-musl,target=/root/.cache/go-build",
        _ => "--mount=type=cache,target=/root/.cache/go-build",
    };
    let _ = write!(text, "{cache} \\\n    ");
    for (name, value) in &plan.settings {
        let _ = write!(text, "{name}={value} ");
    }
    text.push_str(match plan.linkage {
        Linkage::Pure => "CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH ",
        Linkage::Musl | Linkage::Glibc => "CGO_ENABLED=1 ",
    });
    text.push_str("go build -trimpath ");
    if !plan.tags.is_empty() {
        let tags: Vec<_> = plan.tags.iter().map(String::as_str).collect();
        let _ = write!(text, "-tags {} ", tags.join(","));
    }
    let stamps = plan
        .stamps
        .iter()
        .map(|name| format!(" -X {name}=$VERSION"));
    let stamps: String = stamps.collect();
    let version = match stamps.is_empty() {
        true => String::new(),
        false => format!(" ${{VERSION:+{}}}", stamps.trim_start()),
    };
    let _ = match plan.linkage {
        Linkage::Musl => write!(
            text,
            "\\\n      -ldflags=\"-s -w -linkmode external -extldflags '-static'{version}\" "
        ),
        _ if stamps.is_empty() => write!(text, "-ldflags=\"-s -w\" "),
        _ => write!(text, "\\\n      -ldflags=\"-s -w{version}\" "),
    };
    let _ = writeln!(text, "\\\n      -o /out/{} {}", plan.name, plan.package);
}

/// Directories and files that no stage has: a room beside the program, laid over the image.
fn room(plan: &Plan, text: &mut String) {
    let bare = plan.linkage != Linkage::Glibc;
    let mut commands = Vec::new();
    if bare && plan.tmp {
        commands.push("mkdir -p /room && mkdir -m 1777 /room/tmp".to_owned());
    }
    if bare && plan.passwd {
        commands.push(format!(
            "mkdir -p /room/etc \\\n && echo 'app:x:{UID}:{UID}:app:/:/sbin/nologin' > /room/etc/passwd \\\n \
             && echo 'app:x:{UID}:' > /room/etc/group"
        ));
    }
    if types_of_ours(plan) {
        let lines = TYPES.map(|line| format!("'{line}'")).join(" \\\n      ");
        commands.push(format!(
            "mkdir -p /room/etc \\\n && printf '%s\\n' {lines} \\\n    > /room/etc/mime.types"
        ));
    }
    if !commands.is_empty() {
        text.push_str("\n# What an empty image lacks");
        if plan.tmp {
            text.push_str("; 1777: everybody writes, nobody removes another's [museum/no-tmp]");
        }
        let _ = writeln!(text, ".\nRUN {}", commands.join(" \\\n && "));
    }
    if !plan.writable.is_empty() {
        let dirs: Vec<_> = plan
            .writable
            .iter()
            .map(|dir| word(&format!("/own{dir}")))
            .collect();
        let _ = writeln!(text, "RUN mkdir -p {}", dirs.join(" "));
    }
}

/// Types of files that pages are made of, where no build stage has a table of them.
const TYPES: [&str; 12] = [
    "application/manifest+json webmanifest",
    "application/yaml yaml yml",
    "application/gzip gz tgz",
    "application/zip zip",
    "audio/mpeg mp3",
    "font/ttf ttf",
    "font/woff woff",
    "font/woff2 woff2",
    "image/vnd.microsoft.icon ico",
    "text/csv csv",
    "text/markdown md markdown",
    "text/plain txt text log",
];

/// Whether the image's table of file types is written here: Alpine's Go image has none.
fn types_of_ours(plan: &Plan) -> bool {
    plan.mime && plan.linkage == Linkage::Musl
}

fn final_stage(plan: &Plan, text: &mut String) {
    let bare = plan.linkage != Linkage::Glibc;
    let _ = writeln!(text, "FROM {}", plan.base());
    if bare && plan.certificates {
        text.push_str(
            "# It dials TLS servers: whom it trusts [museum/x509].\n\
             COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n",
        );
    }
    if plan.zones && bare {
        text.push_str(
            "# It loads time zones by name: Go's own archive of them [museum/unknown-time-zone].\n\
             COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip\n\
             ENV ZONEINFO=/zoneinfo.zip\n",
        );
    }
    if plan.mime && bare {
        text.push_str("# It serves files: which type an extension is [museum/mime-types].\n");
        if !types_of_ours(plan) {
            text.push_str("COPY --from=build /etc/mime.types /etc/mime.types\n");
        }
    }
    if bare && (plan.tmp || plan.passwd || types_of_ours(plan)) {
        text.push_str("COPY --from=build /room/ /\n");
    }
    if !plan.writable.is_empty() {
        let _ = writeln!(
            text,
            "# It writes here: its own, whoever mounts something over it [museum/volume-owner].\n\
             COPY --from=build --chown={UID}:{UID} /own/ /"
        );
    }
    let workdir = plan.workdir.as_deref();
    for (from, to) in &plan.files {
        let _ = writeln!(text, "COPY {}", json_expanded(&[from, to]));
    }
    if let Some(workdir) = workdir {
        let _ = writeln!(
            text,
            "# Paths in the program are relative to it.\nWORKDIR {}",
            place(workdir)
        );
    }
    env_lines(plan, text);
    let _ = writeln!(text, "COPY --from=build /out/{0} /{0}", plan.name);
    let _ = writeln!(
        text,
        "# A number: Kubernetes cannot tell that a name is not root [museum/user-by-name].\nUSER {UID}:{UID}"
    );
    let volumes: Vec<&String> = plan.writable.iter().collect();
    if !volumes.is_empty() {
        let _ = writeln!(text, "VOLUME {}", json_expanded(&volumes));
    }
    for port in &plan.ports {
        let _ = writeln!(text, "EXPOSE {port}");
    }
    let _ = writeln!(
        text,
        "# No shell in between: the program is process 1 and hears SIGTERM [museum/pid1-signals].\nENTRYPOINT {}",
        json(&[plan.program()])
    );
    if !plan.args.is_empty() {
        let _ = writeln!(text, "CMD {}", json(&plan.args));
    }
}

/// A Dockerfile of ours for a context in which the tree lies in this folder.
pub(super) fn copied_from(text: &str, folder: &str) -> String {
    let lines = text.lines().map(|line| {
        let copied = line
            .strip_prefix("COPY ")
            .filter(|rest| !rest.starts_with("--"));
        let Some(rest) = copied else {
            return line.to_owned();
        };
        let exec = rest.starts_with('[');
        let words: Vec<String> = match exec {
            true => serde_json::from_str(rest).unwrap_or_default(),
            false => rest.split(' ').map(str::to_owned).collect(),
        };
        let Some((to, from)) = words.split_last() else {
            return line.to_owned();
        };
        let from = from.iter().map(|from| match from.as_str() {
            "." => format!("{folder}/"),
            from => format!("{folder}/{from}"),
        });
        let words: Vec<String> = from.chain([to.clone()]).collect();
        match exec {
            true => format!("COPY {}", json(&words)),
            false => format!("COPY {}", words.join(" ")),
        }
    });
    lines.map(|line| line + "\n").collect()
}

/// The environment that belongs into the image.
pub(super) fn env_lines(plan: &Plan, text: &mut String) {
    for (name, value) in &plan.env {
        let _ = writeln!(text, "ENV {name}={}", quoted(value));
    }
}

/// The `.dockerignore` of a tree: what no build needs, and what git ignores.
pub(super) fn dockerignore(tree: &WorkingTree, plan: &Plan) -> String {
    let mut text = String::from(
        "# Written by `playground adopt`: what is not sent to the builder [museum/fat-context].\n\
         .git\n.github\n.dockerignore\n**/Dockerfile*\n**/.env\n**/.env.*\n**/.DS_Store\n**/node_modules\n",
    );
    text.push_str("# Tests change often and are in no program.\n**/*_test.go\n");
    let tops: BTreeSet<&str> = tree
        .ignored
        .iter()
        .map(|path| path.split('/').next().unwrap_or(path))
        .filter(|top| !tree.has(top) && !tree.has_dir(top))
        .filter(|top| {
            top.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        })
        .collect();
    let tops: Vec<_> = tops.into_iter().take(40).collect();
    if !tops.is_empty() {
        text.push_str("# Ignored by git, too.\n");
        tops.iter()
            .for_each(|top| text.push_str(&format!("/{top}\n")));
    }
    // What the image itself takes out of the tree is let through, and what Go embeds.
    let embedded = tree.embedded();
    let ignore = Ignore::parse(&text).unwrap_or_default();
    let held = tree.paths().filter(|path| ignore.holds_back(path));
    let held = held.filter(|path| embedded.iter().any(|begin| path.starts_with(&**begin)));
    let kept = plan.files.keys().map(String::as_str).chain(held.take(50));
    for path in kept.filter(|path| !path.contains(['*', '?', '[', '\\', '\n'])) {
        let _ = writeln!(text, "!{path}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::plan::testing::plan;
    use super::super::tree::testing::tree;
    use super::*;
    use analysis::dockerfile::{dockerfile_bases, instruction_lines};

    #[test]
    fn a_service_that_needs_nothing_gets_an_image_of_its_program_alone() {
        let text = dockerfile(&plan());
        let lines: Vec<String> = instruction_lines(&text)
            .into_iter()
            .map(|(_, line)| line)
            .collect();
        assert_eq!(
            lines,
            [
                "FROM --platform=$BUILDPLATFORM golang:1.27-bookworm AS build",
                "WORKDIR /src",
                "COPY go.mod go.sum ./",
                "RUN --mount=type=cache,target=/go/pkg/mod go mod download",
                "COPY . .",
                "ARG TARGETOS TARGETARCH",
                "RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
                 CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags=\"-s -w\" \
                 -o /out/app .",
                "FROM scratch",
                "COPY --from=build /out/app /app",
                "USER 65532:65532",
                "ENTRYPOINT [\"/app\"]",
            ]
        );
        assert_eq!(dockerfile_bases(&text), ["golang:1.27-bookworm"]);
    }

    #[test]
    fn the_version_is_stamped_where_it_is_given() {
        let mut plan = plan();
        plan.stamps = ["main.version", "a.test/m.Version"]
            .map(String::from)
            .into();
        for linkage in [Linkage::Pure, Linkage::Musl] {
            plan.linkage = linkage;
            let text = dockerfile(&plan);
            let stamped = "${VERSION:+-X a.test/m.Version=$VERSION -X main.version=$VERSION}\"";
            assert!(
                text.contains("\nARG VERSION\nRUN ") && text.contains(stamped),
                "{text}"
            );
        }
    }

    #[test]
    fn a_context_that_holds_the_tree_apart_makes_the_same_image() {
        let mut plan = plan();
        plan.certificates = true;
        plan.files.insert("$web/a b".into(), "/srv/web".into());
        let text = dockerfile(&plan);
        let apart = copied_from(&text, "tree");
        for (line, moved) in [
            ("COPY go.mod go.sum ./", "COPY tree/go.mod tree/go.sum ./"),
            ("COPY . .", "COPY tree/ ."),
            (
                "COPY [\"\\\\$web/a b\", \"/srv/web\"]",
                "COPY [\"tree/\\\\$web/a b\", \"/srv/web\"]",
            ),
            (
                "COPY --from=build /out/app /app",
                "COPY --from=build /out/app /app",
            ),
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line} in\n{text}");
            assert!(apart.contains(&format!("{moved}\n")), "{moved} in\n{apart}");
        }
        assert_eq!(apart.lines().count(), text.lines().count());
    }

    /// What a round learns of a program that is built changes nothing above its compiler's line.
    #[test]
    fn what_a_round_changes_stands_below_the_compiler() {
        let compiled = |plan: &Plan| {
            let text = dockerfile(plan);
            let end = text.find("-o /out/").expect("a compiler's line");
            text[..end].to_owned()
        };
        let mut changed = plan();
        (changed.certificates, changed.tmp, changed.passwd) = (true, true, true);
        (changed.zones, changed.mime) = (true, true);
        changed.writable.insert("/data".into());
        changed.files.insert("web".into(), "/srv/web".into());
        changed.workdir = Some("/srv".into());
        changed.env.insert("HOME".into(), "/data".into());
        changed.args.push("serve".into());
        changed.ports.insert(8080);
        assert_eq!(compiled(&changed), compiled(&plan()));
    }

    #[test]
    fn file_types_are_written_down_where_the_build_stage_has_no_table_of_them() {
        let mut plan = plan();
        plan.mime = true;
        let copied = "COPY --from=build /etc/mime.types /etc/mime.types\n";
        assert!(dockerfile(&plan).contains(copied));
        plan.linkage = Linkage::Musl;
        let text = dockerfile(&plan);
        assert!(!text.contains(copied), "{text}");
        for line in [
            "'text/markdown md markdown'",
            "> /room/etc/mime.types\n",
            "[museum/mime-types].\nCOPY --from=build /room/ /\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn what_a_plan_needs_stands_in_its_dockerfile() {
        let mut plan = plan();
        plan.tags.insert("timetzdata".into());
        (plan.certificates, plan.tmp, plan.passwd) = (true, true, true);
        plan.writable.insert("/data".into());
        plan.files
            .insert("web/static".into(), "/srv/web/static".into());
        plan.workdir = Some("/srv".into());
        plan.env.insert("HOME".into(), "/data".into());
        plan.args = vec!["serve".into(), "--at=$HOME \"x\"".into()];
        plan.ports.insert(8080);
        (plan.module_dir, plan.module_files) = ("svc".into(), Vec::new());
        let text = dockerfile(&plan);
        for line in [
            "-tags timetzdata",
            "COPY --from=build /etc/ssl/certs/ca-certificates.crt",
            "mkdir -m 1777 /room/tmp",
            "app:x:65532:65532:app:/:/sbin/nologin",
            "COPY --from=build --chown=65532:65532 /own/ /",
            "COPY [\"web/static\", \"/srv/web/static\"]",
            "WORKDIR /srv\n",
            "ENV HOME=\"/data\"",
            "VOLUME [\"/data\"]",
            "EXPOSE 8080",
            "CMD [\"serve\", \"--at=$HOME \\\"x\\\"\"]",
            "WORKDIR /src/svc\n",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert!(!text.contains("go mod download"));
    }

    /// A program says what it cannot write to, and it may say anything: nothing of it is a command of
    /// the build.
    #[test]
    fn what_a_program_says_is_no_command_of_the_build() {
        let mut plan = plan();
        plan.writable.insert("/x;touch${IFS}/owned".into());
        plan.writable.insert("/it's$(id)".into());
        plan.workdir = Some("/srv/$HOME\\".into());
        let text = dockerfile(&plan);
        for line in [
            "RUN mkdir -p '/own/it'\\''s$(id)' '/own/x;touch${IFS}/owned'\n",
            "WORKDIR \"/srv/\\$HOME\\\\\"\n",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }

    #[test]
    fn the_builder_is_not_sent_what_git_ignores() {
        let mut tree = tree(&[("main.go", "package main"), ("web/a", "")]);
        for path in ["dist/app", "web/b", "bad name/x", ".env"] {
            tree.ignored.insert(path.into());
        }
        let text = dockerignore(&tree, &plan());
        assert!(text.contains("\n/dist\n") && text.contains("**/*_test.go"));
        assert!(!text.contains("/web") && !text.contains("bad name"));
        let ignore = catalog::Ignore::parse(&text).expect("it is understood");
        assert!(ignore.holds_back("a/b_test.go") && ignore.holds_back(".env"));
        assert!(!ignore.holds_back("main.go") && !ignore.holds_back("Dockerfile"));
    }

    #[test]
    fn what_go_embeds_is_sent_whatever_it_is_called() {
        let tree = tree(&[
            ("t.go", "package t\n\n//go:embed golden/*\nvar f embed.FS\n"),
            ("golden/a_test.go", ""),
            ("golden/Dockerfile.tmpl", ""),
            ("a_test.go", ""),
        ]);
        let ignore = catalog::Ignore::parse(&dockerignore(&tree, &plan())).expect("understood");
        assert!(!ignore.holds_back("golden/a_test.go"));
        assert!(!ignore.holds_back("golden/Dockerfile.tmpl"));
        assert!(ignore.holds_back("a_test.go"));
    }
}
