//! Which instruction of a Dockerfile a builder means: both builders repeat them in words of
//! their own. Pure.

use crate::names::{MODULES_IMAGE, familiar};
use analysis::dockerfile::instruction_lines;
use policy::image_name::is_same_image;

/// Added to a `FROM` as it is written, where an image that trusts more CAs stands in for it.
pub(super) const SUBSTITUTED: &str = " (trusting this machine's CAs)";

/// An instruction without the mounts that bring in images of modules: builders repeat what they were
/// sent, people read what they wrote.
pub(super) fn without_modules(instruction: &str) -> String {
    let start = format!("--mount=type=bind,from={MODULES_IMAGE}:");
    let mut parts = instruction.split(&start);
    let before = parts.next().unwrap_or_default().to_owned();
    let behind = parts.map(|mount| mount.split_once(' ').map_or("", |(_, behind)| behind));
    before + &behind.collect::<String>()
}

/// The line of the instruction that a vertex such as `[build 3/5] RUN go build` stands for.
///
/// Where the same instruction stands twice the first is taken, unless the stage's name says
/// which: BuildKit 0.8 gives no position with a vertex.
pub(super) fn line_of(dockerfile: &str, vertex: &str) -> Option<u32> {
    let (stage, instruction) = match vertex.strip_prefix('[') {
        Some(rest) => rest.split_once("] ")?,
        None => ("", vertex),
    };
    let stage = stage.split_whitespace().next().unwrap_or("");
    let wanted = squeeze(instruction);
    let lines = instruction_lines(dockerfile);
    let mut here = String::new();
    let mut first = None;
    for (line, text) in lines {
        let text = squeeze(&text);
        let words: Vec<&str> = text.split(' ').collect();
        if words
            .first()
            .is_some_and(|w| w.eq_ignore_ascii_case("FROM"))
        {
            here = words
                .iter()
                .position(|w| w.eq_ignore_ascii_case("AS"))
                .and_then(|at| words.get(at + 1))
                .map(|name| name.to_ascii_lowercase())
                .unwrap_or_default();
        }
        if same_instruction(&text, &wanted) {
            let unnamed = here.is_empty() && (stage == "final" || stage.starts_with("stage-"));
            if unnamed || here.eq_ignore_ascii_case(stage) {
                return Some(line);
            }
            first = first.or(Some(line));
        }
    }
    first
}

/// BuildKit upper-cases the keyword, resolves `FROM` to a digest and drops RUN's mounts.
pub(super) fn same_instruction(text: &str, wanted: &str) -> bool {
    let Some((keyword, rest)) = text.split_once(' ') else {
        return false;
    };
    let Some((wanted_keyword, wanted_rest)) = wanted.split_once(' ') else {
        return false;
    };
    if !keyword.eq_ignore_ascii_case(wanted_keyword) {
        return false;
    }
    if keyword.eq_ignore_ascii_case("FROM") {
        return is_same_image(image_of(rest), image_of(wanted_rest));
    }
    let without_flags = |text: &str| {
        let words = text.split(' ').filter(|word| !word.starts_with("--"));
        words.collect::<Vec<_>>().join(" ")
    };
    rest == wanted_rest || without_flags(rest) == without_flags(wanted_rest)
}

/// The image that a `FROM` names, without flags, digest and stage.
fn image_of(from: &str) -> &str {
    let mut words = from.split(' ').filter(|word| !word.starts_with("--"));
    let image = words.next().unwrap_or_default();
    familiar(image.split('@').next().unwrap_or(image))
}

/// One space between words, whatever there was.
pub(super) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCKERFILE: &str = "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\n\
        RUN --mount=type=cache,target=/x go  build \\\n  ./...\n\nFROM scratch\nCOPY . .\n";

    #[test]
    fn a_mount_of_ours_is_not_the_readers() {
        let sent = "[build 4/6] RUN --mount=type=bind,from=empty-room/modules:0a1b,target=/root/.config/go \
                    --mount=type=cache,target=/x go build";
        let written = "[build 4/6] RUN --mount=type=cache,target=/x go build";
        assert_eq!(without_modules(sent), written);
        assert_eq!(without_modules(written), written);
        let several = "[build 4/6] RUN --mount=type=bind,from=empty-room/modules:0a1b,source=packages/apt.conf,target=/etc/apt/apt.conf.d/zz-empty-room \
                       --mount=type=bind,from=empty-room/modules:0a1b,target=/root/.config/go \
                       --mount=type=bind,from=empty-room/modules:wheels-2c3d,target=/etc/xdg/pip \
                       --mount=type=cache,target=/x go build";
        assert_eq!(without_modules(several), written);
        let others = "RUN --mount=type=bind,from=empty-room/modules-of-mine:1,target=/m go build";
        assert_eq!(without_modules(others), others);
    }

    #[test]
    fn an_image_has_the_name_that_was_written_and_the_one_that_was_resolved() {
        let resolved = "[build 1/2] FROM docker.io/library/golang:latest@sha256:1f0c";
        for written in [
            "FROM golang AS build",
            "FROM golang:latest AS build",
            "FROM library/golang AS build",
            "FROM index.docker.io/library/golang@sha256:1f0c AS build",
            "FROM --platform=$BUILDPLATFORM golang AS build",
        ] {
            assert_eq!(line_of(written, resolved), Some(1), "{written}");
        }
        assert_eq!(line_of("FROM golang:1.23 AS build", resolved), None);
    }

    #[test]
    fn the_named_stage_decides_between_equal_instructions() {
        assert_eq!(line_of(DOCKERFILE, "[build 3/4] COPY . ."), Some(3));
        assert_eq!(line_of(DOCKERFILE, "[stage-1 1/1] COPY . ."), Some(8));
        assert_eq!(line_of(DOCKERFILE, "[final 1/1] COPY . ."), Some(8));
    }
}
