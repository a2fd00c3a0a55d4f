//! The stages of the book's journey as Dockerfiles for a strange plan. Pure.
//!
//! Each says what the book's own says, with this program in it: what has to be given for it to start
//! (arguments, environment, files that it reads) is given from the first stage on; what falls out of
//! the room on the way (certificates, zones, users, `/tmp`) is not, until the last stage, which is the
//! one that was planned. Stages that ship the workshop compile without cache mounts: what Go leaves
//! behind is part of them. The others have those, which change no byte of what is shipped.

use crate::adopt::dockerfile::env_lines;
use crate::adopt::facts::listing::copies;
use crate::adopt::plan::{GLIBC_BASE, Linkage, Plan};
use crate::adopt::quoting::{json, json_expanded, place};
use std::fmt::Write;

/// Where the small stages stand.
const ALPINE: &str = "alpine:3.23";
const STATIC: &str = "gcr.io/distroless/static-debian13:nonroot";
/// The program of all stages but the last.
pub(super) const PROGRAM: &str = "/app";
/// What the tag for an archive of time zones in the program is called: furniture, of the last stage.
const ZONES_TAG: &str = "timetzdata";

/// A stage before it is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    /// As the book numbers it.
    pub(super) number: &'static str,
    /// What the image stands on.
    pub(super) base: String,
    pub(super) dockerfile: String,
    /// Whether arguments go to the program, and need not name it.
    pub(super) entrypoint: bool,
}

/// How a stage's program is compiled.
#[derive(Clone, Copy)]
struct Compile {
    /// As the book does from stage 4 on: no C where there is none, no symbols, no paths.
    tight: bool,
    /// Go's caches are mounted.
    caches: bool,
}

/// The stages before the last.
pub(super) fn drafts(plan: &Plan) -> Vec<Draft> {
    let version = plan.go_image.split_once(':').map_or("", |(_, tag)| tag);
    let version = version.split('-').next().unwrap_or(version);
    let debian = format!("golang:{version}-bookworm");
    let alpine = format!("golang:{version}-alpine");
    // C that was written for glibc is compiled where glibc is; what comes of it, the stage shows.
    let workshop = match plan.linkage {
        Linkage::Glibc => &debian,
        Linkage::Pure | Linkage::Musl => &alpine,
    };
    let loose = built_in(plan, workshop, false);
    let tight = built_in(plan, workshop, true);
    let distroless = match plan.linkage {
        Linkage::Glibc => GLIBC_BASE,
        Linkage::Pure | Linkage::Musl => STATIC,
    };
    let roots = "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n";
    let mut drafts = vec![
        draft("1", &debian, one_stage(plan, &debian), false),
        draft("2", &alpine, one_stage(plan, &alpine), false),
    ];
    for (number, base, build, extra, entrypoint) in [
        ("3", ALPINE, &loose, "", false),
        (
            "4",
            ALPINE,
            &tight,
            "RUN apk add --no-cache ca-certificates\n",
            false,
        ),
        ("5a", "scratch", &tight, roots, true),
        ("5b", distroless, &tight, "", true),
    ] {
        let mut text = format!("{build}\nFROM {base}\n{extra}");
        shipped(plan, entrypoint, &mut text);
        drafts.push(draft(number, base, text, entrypoint));
    }
    drafts
}

fn draft(number: &'static str, base: &str, dockerfile: String, entrypoint: bool) -> Draft {
    Draft {
        number,
        base: base.to_owned(),
        dockerfile,
        entrypoint,
    }
}

/// The workshop is shipped: the tree, the toolchain and all that it left behind.
fn one_stage(plan: &Plan, go: &str) -> String {
    let mut text = format!("FROM {go}\n");
    if plan.linkage != Linkage::Pure && go.ends_with("-alpine") {
        text.push_str("RUN apk add --no-cache gcc musl-dev\n");
    }
    text.push_str("WORKDIR /src\nCOPY . .\n");
    enter(plan, &mut text);
    let compile = Compile {
        tight: false,
        caches: false,
    };
    go_build(plan, compile, &mut text);
    furniture(plan, &mut text);
    started(plan, false, &mut text);
    text
}

/// The first of two stages.
fn built_in(plan: &Plan, go: &str, tight: bool) -> String {
    let mut text = format!("FROM {go} AS build\n");
    if plan.linkage == Linkage::Musl {
        text.push_str("RUN apk add --no-cache gcc musl-dev\n");
    }
    text.push_str("WORKDIR /src\n");
    if !plan.module_files.is_empty() {
        text.push_str(&copies(&plan.module_files));
        enter(plan, &mut text);
        text.push_str("RUN --mount=type=cache,target=/go/pkg/mod go mod download\n");
        if !plan.module_dir.is_empty() {
            text.push_str("WORKDIR /src\n");
        }
    }
    text.push_str("COPY . .\n");
    enter(plan, &mut text);
    let compile = Compile {
        tight,
        caches: true,
    };
    go_build(plan, compile, &mut text);
    text
}

fn enter(plan: &Plan, text: &mut String) {
    if !plan.module_dir.is_empty() {
        let _ = writeln!(text, "WORKDIR /src/{}", plan.module_dir);
    }
}

fn go_build(plan: &Plan, compile: Compile, text: &mut String) {
    text.push_str("RUN ");
    if compile.caches {
        text.push_str("--mount=type=cache,target=/go/pkg/mod ");
        // Objects for musl are none for glibc.
        text.push_str(match plan.linkage {
            Linkage::Musl => "--mount=type=cache,id=go-build-musl,target=/root/.cache/go-build ",
            _ => "--mount=type=cache,target=/root/.cache/go-build ",
        });
    }
    for (name, value) in &plan.settings {
        let _ = write!(text, "{name}={value} ");
    }
    text.push_str(match (plan.linkage, compile.tight) {
        (Linkage::Pure, true) => "CGO_ENABLED=0 ",
        (Linkage::Pure, false) => "",
        (Linkage::Musl | Linkage::Glibc, _) => "CGO_ENABLED=1 ",
    });
    text.push_str("go build ");
    if compile.tight {
        text.push_str(match plan.linkage {
            Linkage::Musl => {
                "-trimpath -ldflags='-w -s -linkmode external -extldflags \"-static\"' "
            }
            _ => "-trimpath -ldflags=\"-w -s\" ",
        });
    }
    let tags = plan.tags.iter().map(String::as_str);
    let tags: Vec<_> = tags.filter(|tag| *tag != ZONES_TAG).collect();
    if !tags.is_empty() {
        let _ = write!(text, "-tags {} ", tags.join(","));
    }
    let _ = writeln!(text, "-o {PROGRAM} {}", plan.package);
}

/// What the second of two stages holds.
fn shipped(plan: &Plan, entrypoint: bool, text: &mut String) {
    furniture(plan, text);
    let _ = writeln!(text, "COPY --from=build {PROGRAM} {PROGRAM}");
    started(plan, entrypoint, text);
}

/// What it cannot start without.
fn furniture(plan: &Plan, text: &mut String) {
    for (from, to) in &plan.files {
        let _ = writeln!(text, "COPY {}", json_expanded(&[from, to]));
    }
    if let Some(workdir) = &plan.workdir {
        let _ = writeln!(text, "WORKDIR {}", place(workdir));
    }
    env_lines(plan, text);
}

fn started(plan: &Plan, entrypoint: bool, text: &mut String) {
    for port in &plan.ports {
        let _ = writeln!(text, "EXPOSE {port}");
    }
    if entrypoint {
        let _ = writeln!(text, "ENTRYPOINT {}", json(&[PROGRAM]));
        if !plan.args.is_empty() {
            let _ = writeln!(text, "CMD {}", json(&plan.args));
        }
    } else {
        let mut words = vec![PROGRAM];
        words.extend(plan.args.iter().map(String::as_str));
        let _ = writeln!(text, "CMD {}", json(&words));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::plan::testing::plan;
    use analysis::dockerfile::{dockerfile_bases, instruction_lines};

    fn lines(text: &str) -> Vec<String> {
        instruction_lines(text)
            .into_iter()
            .map(|(_, line)| line)
            .collect()
    }

    #[test]
    fn a_service_that_needs_nothing_gets_the_books_own_stages() {
        let drafts = drafts(&plan());
        let numbers: Vec<_> = drafts.iter().map(|draft| draft.number).collect();
        assert_eq!(numbers, ["1", "2", "3", "4", "5a", "5b"]);
        assert_eq!(
            lines(&drafts[0].dockerfile),
            [
                "FROM golang:1.27-bookworm",
                "WORKDIR /src",
                "COPY . .",
                "RUN go build -o /app .",
                "CMD [\"/app\"]",
            ]
        );
        assert_eq!(
            lines(&drafts[4].dockerfile)[6..],
            [
                "FROM scratch",
                "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
                "COPY --from=build /app /app",
                "ENTRYPOINT [\"/app\"]",
            ]
        );
        assert!(
            drafts[3]
                .dockerfile
                .contains("CGO_ENABLED=0 go build -trimpath")
        );
        assert!(!drafts[2].dockerfile.contains("CGO_ENABLED"));
        for draft in &drafts {
            let bases = dockerfile_bases(&draft.dockerfile);
            let stands = draft.base == "scratch" || bases.contains(&draft.base);
            assert!(stands, "{}: {bases:?}", draft.number);
        }
    }

    #[test]
    fn what_it_starts_with_is_given_and_what_falls_out_of_the_room_is_not() {
        let mut plan = plan();
        plan.tags.extend(["timetzdata".into(), "sqlite_go".into()]);
        (plan.certificates, plan.tmp, plan.passwd, plan.zones) = (true, true, true, true);
        plan.files.insert("web".into(), "/srv/web".into());
        plan.workdir = Some("/srv".into());
        plan.env.insert("MODE".into(), "x".into());
        plan.args = vec!["serve".into()];
        plan.ports.insert(8080);
        for draft in drafts(&plan) {
            let text = &draft.dockerfile;
            for given in [
                "COPY [\"web\", \"/srv/web\"]",
                "WORKDIR /srv\n",
                "ENV MODE=\"x\"",
                "EXPOSE 8080",
                "serve",
                "-tags sqlite_go ",
            ] {
                assert!(text.contains(given), "{}: {given}", draft.number);
            }
            for furniture in ["timetzdata", "zoneinfo", "passwd", "/tmp", "USER"] {
                assert!(!text.contains(furniture), "{}: {furniture}", draft.number);
            }
        }
    }

    #[test]
    fn c_that_wants_glibc_is_compiled_where_glibc_is() {
        let mut plan = plan();
        plan.linkage = Linkage::Glibc;
        let drafts = drafts(&plan);
        let base = |at: usize| dockerfile_bases(&drafts[at].dockerfile);
        assert_eq!(base(2), ["golang:1.27-bookworm", ALPINE]);
        assert_eq!(base(5)[1], GLIBC_BASE);
        assert!(drafts[1].dockerfile.contains("apk add --no-cache gcc"));
    }
}
