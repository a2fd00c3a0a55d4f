//! What of a program's output a person is shown: its words, without the stacks below them.

use super::pattern;
use regex::Regex;
use std::sync::LazyLock;

/// Characters of a line.
const MAX_LINE: usize = 300;
/// Characters of a line that is quoted as the reason of a repair.
const MAX_QUOTED: usize = 200;

static FRAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s+\S+\.(?:go|s):\d+(?: \+0x[0-9a-f]+)?\s*$"));
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:created by |goroutine \d+ )|^[\w./*()\[\]{}@~-]+\.[\w.*()\[\]{}-]+(?:\(.*\))?$|^panic\(.*\)$",
    )
});
/// A frame with its address, as go-errors writes it; the line of code below begins with a tab.
static ADDRESSED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*\S+\.(?:go|s):\d+ \(0x[0-9a-f]+\)\s*$"));
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#",?\s*"(?:stack|stacktrace|stackTrace|stack_trace)"\s*:\s*"(?:[^"\\]|\\.)*""#)
});

/// What was said, as the reason of a repair.
pub(super) fn quoted(said: &str) -> String {
    said.trim().chars().take(MAX_QUOTED).collect()
}

/// The lines that say something: no stacks, whoever wrote them.
pub(super) fn lines(output: &str) -> Vec<String> {
    let mut kept: Vec<&str> = Vec::new();
    let mut framed = false;
    for line in output.lines() {
        let code = framed && line.starts_with('\t');
        framed = ADDRESSED.is_match(line);
        if framed || code {
            continue;
        }
        if FRAME.is_match(line) {
            if kept.last().is_some_and(|call| CALL.is_match(call)) {
                kept.pop();
            }
        } else if !line.starts_with("goroutine ") || !line.trim_end().ends_with("]:") {
            kept.push(line);
        }
    }
    let kept = kept.into_iter().map(|line| {
        let line = FIELD.replace_all(line.trim_end(), "");
        line.chars().take(MAX_LINE).collect::<String>()
    });
    kept.collect()
}

/// The last of them, as many as fit below a sentence.
pub(super) fn end(output: &str) -> Vec<String> {
    let mut lines = lines(output);
    lines.retain(|line| !line.is_empty());
    let from = lines.len().saturating_sub(12);
    lines.split_off(from)
}

/// The line that tells most: the last that speaks of a failure, else the last.
pub(super) fn last(output: &str) -> String {
    let mut lines = lines(output);
    // A builder ends with the command that it ran.
    let ran =
        |line: &str| line.starts_with("executor failed") || line.starts_with("process \"/bin/sh");
    lines.retain(|line| line.trim().len() > 2 && !ran(line.trim()));
    let telling = [
        "error",
        "fatal",
        "fail",
        "panic",
        "cannot",
        "could not",
        "no such",
        "required",
        "refused",
    ];
    let tells = |line: &&String| {
        let lower = line.to_lowercase();
        telling.iter().any(|word| lower.contains(word))
    };
    let line = lines.iter().rev().find(tells).or(lines.last());
    line.map_or(String::new(), |line| {
        let line = line.trim();
        of_a_record(line).unwrap_or_else(|| line.to_owned())
    })
}

/// What a line of a log in JSON says: its message, and the error beside it.
fn of_a_record(line: &str) -> Option<String> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    let field = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| record.get(name)?.as_str());
        values.find(|value| !value.trim().is_empty())
    };
    let message = field(&["msg", "message", "@message"])?;
    Some(match field(&["error", "err"]) {
        Some(error) if !message.contains(error) => format!("{message}: {error}"),
        _ => message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_are_those_that_tell() {
        let output = "starting\nERROR: no key\nstack:\n  at main\nbye\n";
        assert_eq!(last(output), "ERROR: no key");
        assert_eq!(last("one\ntwo words\n\n"), "two words");
        assert_eq!(last(""), "");
        let built = "a.go:1:1: pattern dist: no matching files found\nexecutor failed running [/bin/sh -c x]";
        assert_eq!(
            last(built),
            "a.go:1:1: pattern dist: no matching files found"
        );
    }

    #[test]
    fn a_stack_is_nothing_that_anybody_is_shown() {
        let panic = "listening soon\npanic: open : no such file or directory\n\ngoroutine 1 [running]:\n\
                     main.failOnError(...)\n\t/src/main.go:41\nmain.(*app).run(0xc000012345, {0x0, 0x0})\n\
                     \t/src/app.go:7 +0x1d\nmain.main()\n\t/src/main.go:12 +0x25\nexit status 2\n";
        let told = [
            "listening soon",
            "panic: open : no such file or directory",
            "exit status 2",
        ];
        assert_eq!(end(panic), told);
        assert_eq!(last(panic), told[1]);
        let logged = "FATAL\tcannot load settings\ngithub.com/a/b/cmd.(*Root).Run\n\t/src/cmd/root.go:9\n\
                      runtime.main\n\t/usr/local/go/src/runtime/proc.go:283\n";
        assert_eq!(end(logged), ["FATAL\tcannot load settings"]);
        let addressed = "error: no terminal\n/src/main.go:98 (0x95f0d4)\n\tmain: log.Fatal(err)\nruntime/asm_amd64.s:12 (0x49)\n";
        assert_eq!(end(addressed), ["error: no terminal"]);
        let json = r#"{"level":"fatal","msg":"no key","stacktrace":"main.main\n\t/src/a.go:1"}"#;
        assert_eq!(end(json), [r#"{"level":"fatal","msg":"no key"}"#]);
        assert_eq!(last(json), "no key");
        let zap = r#"{"level":"fatal","ts":1796062253.06,"caller":"relayproxy/main.go:62","msg":"configuration error","error":"no retriever available in the configuration"}"#;
        let said = "configuration error: no retriever available in the configuration";
        assert_eq!(last(zap), said);
        let plain = "see main.go:7\nfatal: a.b is wrong\n";
        assert_eq!(end(plain).len(), 2);
    }
}
