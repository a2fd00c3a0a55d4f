//! Images and tools without a version: next month they are others.

use super::{base_lines, instruction_lines};
use policy::image_name::ImageName;

/// The lines of a Dockerfile that leave a version open, and how.
pub fn left_open(text: &str) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for (line, image) in base_lines(text) {
        let name = ImageName::of(&image);
        if name.digest.is_some() {
            continue;
        }
        match name.tag {
            None => found.push((line, format!("`{image}` has no tag"))),
            Some("latest") => found.push((line, format!("`{image}` is another image every week"))),
            Some(_) => {}
        }
    }
    for (line, instruction) in instruction_lines(text) {
        if takes_latest(&instruction) {
            found.push((line, "`@latest` is another tool every week".to_owned()));
        }
    }
    found
}

/// Whether one of its commands is a `go install`, `run` or `get` of something `@latest`.
fn takes_latest(instruction: &str) -> bool {
    instruction.split(['&', ';', '|']).any(|command| {
        let mut words = command.split_whitespace();
        let is_go = |word: &str| {
            let word = word.trim_start_matches(['"', '\'', '(']);
            word == "go" || word.ends_with("/go")
        };
        let fetches = |word: &str| ["install", "run", "get"].contains(&word);
        let go = words.any(is_go) && words.next().is_some_and(fetches);
        go && words.any(|word| {
            let mut versions = word.split("@latest").skip(1);
            versions.any(|behind| !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_are_left_open_are_found_with_their_line() {
        let lines = |text: &str| -> Vec<u32> { left_open(text).iter().map(|(l, _)| *l).collect() };
        for (text, expected) in [
            (
                "FROM golang:1.23 AS build\nFROM scratch\nCOPY --from=build /a /a",
                &[][..],
            ),
            ("FROM golang AS build\nFROM alpine:latest", &[1, 2]),
            (
                "FROM --platform=$BUILDPLATFORM golang:1.23 AS b\nFROM B\nCOPY --from=0 /a /",
                &[],
            ),
            ("ARG V=latest\nFROM alpine:$V", &[2]),
            ("ARG V=3.20\nFROM alpine:${V}", &[]),
            ("FROM registry:5000/tools", &[1]),
            ("FROM registry:5000/tools:2\nFROM a@sha256:00", &[]),
            ("FROM a:latest@sha256:00", &[]),
            ("FROM gcr.io/distroless/static-debian12:nonroot", &[]),
            ("FROM scratch\n\nCOPY --from=busybox \\\n  /bin/sh /", &[3]),
            ("FROM a:1\nRUN --mount=from=tools,target=/t true", &[2]),
            (
                "FROM a:1\nRUN true && \\\n  go install x.org/y@latest",
                &[2],
            ),
            ("FROM a:1\nRUN go install x.org/y@v1 && echo @latest", &[]),
            ("FROM a:1\nRUN /usr/local/go/bin/go get x@latest", &[2]),
            ("FROM a:1\nRUN go build && cp app@latest /", &[]),
            ("# FROM a\nFROM a:1\nRUN go run x@latest; true", &[3]),
        ] {
            assert_eq!(lines(text), expected, "{text}");
        }
    }
}
