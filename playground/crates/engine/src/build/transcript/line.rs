//! One line of a classic build's output: what Docker and Podman write there. The one place that
//! reads it; their real output is the test, here and in `transcript`.

use regex::Regex;
use std::sync::LazyLock;

/// What a RUN wrote to stderr: Docker paints it red, and says nothing else in red.
pub(super) fn stderr(piece: &str) -> Option<&str> {
    let red = piece.strip_prefix("\u{1b}[91m")?;
    Some(red.trim_end_matches("\u{1b}[0m"))
}

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// The stage where it is numbered, `3/9`, and the instruction.
    Step(Option<usize>, &'a str, &'a str),
    Cached,
    /// Ids of layers and containers, which say nothing about the Dockerfile.
    Bookkeeping,
    Output,
}

impl Line<'_> {
    /// What one line of the stream is, as Docker (`Step 1/2 : …`) or Podman
    /// (`[1/2] STEP 1/5: …`) writes it.
    pub(super) fn parse(line: &str) -> Line<'_> {
        static STEP: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"^(?:\[(\d+)/\d+\] )?(?:Step|STEP) (\d+/\d+) ?: (.+)$").ok()
        });
        static BOOKKEEPING: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(
                r"(?x)^(?:
                    \ ?-{2,3}>\ [0-9a-f]* | \ --->\ Running\ in\ [0-9a-f]+
                    | Removing\ intermediate\ container\ [0-9a-f]+
                    | (?:\[\d+/\d+\]\ )?COMMIT\ \S+ | [0-9a-f]{64}
                    | Successfully\ built\ [0-9a-f]{12} | Successfully\ tagged\ \S+
                )$",
            )
            .ok()
        });
        let line = line.strip_suffix('\n').unwrap_or(line);
        if let Some(step) = STEP.as_ref().and_then(|step| step.captures(line))
            && let (Some(position), Some(instruction)) = (step.get(2), step.get(3))
        {
            let stage = step.get(1).and_then(|stage| stage.as_str().parse().ok());
            return Line::Step(stage, position.as_str(), instruction.as_str());
        }
        if line.starts_with("--> Using cache") || line == " ---> Using cache" {
            Line::Cached
        } else if BOOKKEEPING.as_ref().is_some_and(|b| b.is_match(line)) {
            Line::Bookkeeping
        } else {
            Line::Output
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programs_own_lines_stay_its_own() {
        for line in [
            "",
            "-> x\n",
            "Successfully built pip\n",
            "--> nothing\n",
            "deadbeef\n",
        ] {
            assert_eq!(Line::parse(line), Line::Output, "{line}");
        }
    }
}
