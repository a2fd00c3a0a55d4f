//! The instruction of a Dockerfile that made a layer, out of what builders write into the
//! history: Docker's classic builder, BuildKit, Podman.

/// Characters of a digest that tell enough.
const DIGEST: usize = 8;

/// The instruction without what builders add: `/bin/sh -c #(nop)`, `# buildkit`, the values of
/// build arguments (`|1 A=b`), long digests.
pub fn instruction(created_by: &str) -> String {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").map_or(text, str::trim_end);
    let (run, text) = match text.strip_prefix("RUN ") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let text = without_arguments(text);
    let text = match text.strip_prefix("/bin/sh -c") {
        Some(rest) => match rest.trim_start().strip_prefix("#(nop)") {
            Some(other) => other.trim().to_owned(),
            None => format!("RUN {}", rest.trim_start()),
        },
        None if run => format!("RUN {text}"),
        None => text.to_owned(),
    };
    short_digests(&text)
}

/// `|2 A=b C=d /bin/sh -c go build` without the arguments. Their values may hold spaces, so the
/// shell is what ends them.
fn without_arguments(text: &str) -> &str {
    let counted = text.strip_prefix('|').is_some_and(|rest| {
        rest.split(' ')
            .next()
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    });
    match text.find("/bin/sh -c") {
        Some(at) if counted => &text[at..],
        _ => text,
    }
}

/// `file:` or `dir:` and 64 digits, as the classic builder names what COPY took.
fn short_digests(text: &str) -> String {
    let word = |word: &str| {
        let (kind, digits) = word.split_once(':').unwrap_or(("", ""));
        let long = ["file", "dir", "multi"].contains(&kind)
            && digits.len() == 64
            && digits.bytes().all(|b| b.is_ascii_hexdigit());
        match long {
            true => format!("{kind}:{}…", &digits[..DIGEST]),
            false => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::instruction;

    #[test]
    fn what_builders_add_to_instructions_is_left_out() {
        let digest = "3f".repeat(32);
        for (wrote, means) in [
            (r#"/bin/sh -c #(nop)  CMD ["/app"]"#, r#"CMD ["/app"]"#),
            ("/bin/sh -c apt-get update", "RUN apt-get update"),
            (
                "RUN /bin/sh -c go build -o /app . # buildkit",
                "RUN go build -o /app .",
            ),
            ("COPY /app /app # buildkit", "COPY /app /app"),
            (
                "RUN |2 A=b C=with space /bin/sh -c go build # buildkit",
                "RUN go build",
            ),
            ("|1 A=b /bin/sh -c make", "RUN make"),
            ("|| true", "|| true"),
            ("bazel build //base", "bazel build //base"),
            (r#"RUN /app -x # buildkit"#, "RUN /app -x"),
            ("", ""),
        ] {
            assert_eq!(instruction(wrote), means, "{wrote}");
        }
        assert_eq!(
            instruction(&format!("/bin/sh -c #(nop) COPY file:{digest} in /app ")),
            "COPY file:3f3f3f3f… in /app"
        );
    }

    #[test]
    fn odd_histories_are_kept_as_they_are() {
        for odd in ["ümläut:…", "|", "|x /bin/sh", "file:short", "# buildkit x"] {
            assert_eq!(instruction(odd), odd);
        }
    }
}
