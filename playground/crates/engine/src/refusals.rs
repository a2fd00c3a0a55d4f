//! What engines, registries, builders and runtimes say in English where they give no code.
//!
//! The one place that reads it; each pattern has the real text as its test. Knows text alone:
//! which error it becomes is said in `error`.

use regex::Regex;
use std::sync::LazyLock;

/// Whether the engine's disk is full: ENOSPC, as Linux words it, in whatever wrapping.
pub fn is_disk_full(message: &str) -> bool {
    message.contains("no space left on device")
}

/// Whether a build failed because the engine's build cache names a layer that its store of layers has
/// no longer (Docker 20.10, after images and cache were removed while others were built): it stays so
/// until the builder does without that cache.
pub(crate) fn is_layer_lost(message: &str) -> bool {
    message.contains("layer does not exist")
}

/// What is said where there is no way to another machine: by Go's `net`, and by the C library's
/// resolver.
const NO_WAY: [&str; 7] = [
    "no such host",
    "server misbehaving",
    "name resolution",
    "i/o timeout",
    "connection refused",
    "network is unreachable",
    "no route to host",
];

/// Whether the engine found no way to a registry. It passes on what its HTTP client (Go's
/// `net` and `net/http`) said.
pub fn is_registry_unreachable(message: &str) -> bool {
    const SIGNS: [&str; 7] = [
        "connection reset",
        "TLS handshake timeout",
        "deadline exceeded",
        "Client.Timeout",
        "request canceled",
        "proxyconnect",
        "x509: ",
    ];
    let mut signs = SIGNS.iter().chain(&NO_WAY);
    signs.any(|sign| message.contains(sign))
}

/// Whether a command of a build found no way to what it downloads. What answers, however badly, is a
/// network.
pub fn is_cut_off(said: &str) -> bool {
    NO_WAY.iter().any(|sign| said.contains(sign))
}

/// Whether this, which stood alone where a command's output was expected, is the runtime's
/// word that it could not start the command: runc's, or crun's under Podman.
pub fn is_exec_refusal(text: &str) -> bool {
    const BEGINNINGS: [&str; 3] = ["OCI runtime exec failed: ", "crun: ", "runc: exec failed: "];
    let text = text.trim();
    !text.contains('\n') && BEGINNINGS.iter().any(|words| text.starts_with(words))
}

/// The line with which runtime and kernel report that they could not exec the program.
///
/// Docker starts such a container without an error; runc then writes this to the
/// container's own stderr, from inside, and exits with 1 (engine notes, 20.10 and 28).
pub fn exec_failure(exit_code: i64, output: &str) -> Option<String> {
    const BEGINNINGS: [&str; 2] = ["exec /", "standard_init_linux.go"];
    const ENDS: [&str; 4] = [
        "no such file or directory",
        "exec format error",
        "permission denied",
        "operation not permitted",
    ];
    if exit_code == 0 {
        return None;
    }
    let mut lines = output.lines().map(str::trim).filter(|l| !l.is_empty());
    let (first, more) = (lines.next()?, lines.next());
    let is_exec = |line: &str| {
        BEGINNINGS.iter().any(|words| line.starts_with(words))
            && ENDS
                .iter()
                .any(|words| line.trim_end_matches('"').ends_with(words))
    };
    (more.is_none() && is_exec(first)).then(|| first.to_owned())
}

/// Whether BuildKit broke a step off, as Go's `context.Canceled` words it, because another
/// step failed or nobody waits any more.
pub(crate) fn is_canceled(message: &str) -> bool {
    message.contains("context canceled")
}

/// A build's failure without the wrapping that only names BuildKit's internals.
pub(crate) fn without_wrapping(message: &str) -> &str {
    const WRAPPINGS: [&str; 4] = [
        "failed to solve: ",
        "failed to solve with frontend dockerfile.v0: ",
        "failed to create LLB definition: ",
        "rpc error: code = Unknown desc = ",
    ];
    let mut rest = message.trim();
    for wrapping in WRAPPINGS {
        while let Some(inner) = rest.strip_prefix(wrapping) {
            rest = inner;
        }
    }
    rest
}

/// The line of the Dockerfile that a parser names, from 1.
pub(crate) fn dockerfile_line(message: &str) -> Option<u32> {
    static LINE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\bline (\d+)").ok());
    let found = LINE.as_ref()?.captures(message)?;
    found.get(1)?.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_known_in_any_wrapping() {
        for full in [
            "write /go/pkg/mod/cache/x: no space left on device",
            "Error processing tar file(exit status 1): write /a: no space left on device",
            "failed to solve: failed to copy files: copy file range failed: no space left on device",
        ] {
            assert!(is_disk_full(full), "{full}");
        }
        assert!(!is_disk_full("No such image: space:1"));
    }

    #[test]
    fn a_layer_that_only_the_cache_knows_is_told_from_a_file_that_is_not_there() {
        assert!(is_layer_lost("layer does not exist"));
        assert!(is_layer_lost("failed to solve: layer does not exist"));
        assert!(!is_layer_lost("/app: not found"));
        assert!(!is_layer_lost(
            "pull access denied for layer, repository does not exist"
        ));
    }

    #[test]
    fn a_build_without_a_network_is_told_from_one_that_is_answered() {
        for cut_off in [
            "go: download go1.26.0: golang.org/toolchain@v0.0.1-go1.26.0.linux-amd64: Get \
             \"https://proxy.golang.org/golang.org/toolchain/@v/v0.0.1-go1.26.0.linux-amd64.zip\": dial tcp: \
             lookup proxy.golang.org on 10.0.0.53:53: read udp 10.0.1.6:54818->10.0.0.53:53: i/o timeout",
            "go: x.test/a@v1: Get \"https://proxy.golang.org/x.test/a/@v/v1.mod\": dial tcp: lookup \
             proxy.golang.org: Temporary failure in name resolution",
        ] {
            assert!(is_cut_off(cut_off), "{cut_off}");
        }
        for answered in [
            "go: x.test/a@v1: reading https://proxy.golang.org/x.test/a/@v/v1.mod: 404 Not Found",
            "Get \"https://r/\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
        ] {
            assert!(!is_cut_off(answered), "{answered}");
        }
    }

    #[test]
    fn a_registry_that_cannot_be_reached_is_told_from_one_that_refuses() {
        for unreachable in [
            "Get \"https://r/v2/\": dial tcp: lookup r on [::1]:53: no such host",
            "Get \"https://r/v2/\": dial tcp 10.0.0.1:443: connect: connection refused",
            "Get \"https://r/v2/\": dial tcp: lookup r: Temporary failure in name resolution",
            "Get \"https://r/v2/\": net/http: TLS handshake timeout",
            "Get \"https://r/v2/\": x509: certificate signed by unknown authority",
            "Get \"https://r/v2/\": net/http: request canceled while waiting for connection \
             (Client.Timeout exceeded while awaiting headers)",
            "Get \"https://r/v2/\": proxyconnect tcp: dial tcp 10.0.0.1:3128: i/o timeout",
        ] {
            assert!(is_registry_unreachable(unreachable), "{unreachable}");
        }
        for refused in [
            "toomanyrequests: slow down",
            "manifest for alpine:9 not found: manifest unknown: manifest unknown",
            "pull access denied for nope, repository does not exist or may require 'docker login'",
        ] {
            assert!(!is_registry_unreachable(refused), "{refused}");
        }
    }

    #[test]
    fn a_program_that_quotes_the_runtime_is_not_the_runtime() {
        let words = "OCI runtime exec failed: exec failed: unable to start container process: \
            exec: \"sh\": executable file not found in $PATH: unknown";
        assert!(is_exec_refusal(words) && is_exec_refusal(&format!("{words}\r\n")));
        assert!(is_exec_refusal(
            "crun: executable file `sh` not found in $PATH: No such file"
        ));
        assert!(!is_exec_refusal(&format!("it said: {words}")));
        assert!(!is_exec_refusal(&format!("{words}\nand more")));
    }

    #[test]
    fn runc_speaking_for_the_kernel_is_told_from_the_program() {
        let lone = "exec /app: no such file or directory\n";
        assert!(exec_failure(1, lone).is_some());
        // A capability on the file that the container may not have.
        assert!(exec_failure(1, "exec /app: operation not permitted\n").is_some());
        assert!(exec_failure(0, lone).is_none());
        assert!(exec_failure(1, &format!("starting\n{lone}")).is_none());
        assert!(exec_failure(1, "open /app: no such file or directory").is_none());
    }

    #[test]
    fn a_step_that_was_broken_off_is_told_from_one_that_failed() {
        assert!(is_canceled("context canceled"));
        assert!(is_canceled(
            "process \"/bin/sh -c sleep 9\" did not complete successfully: context canceled"
        ));
        assert!(!is_canceled("executor failed running: exit code: 1"));
    }

    #[test]
    fn a_failure_is_unwrapped_and_its_line_found() {
        let inner = "dockerfile parse error line 2: unknown instruction: RUNN";
        let whole = format!(
            "failed to solve with frontend dockerfile.v0: failed to create LLB definition: {inner}"
        );
        assert_eq!(without_wrapping(&whole), inner);
        assert_eq!(dockerfile_line(inner), Some(2));
        assert_eq!(dockerfile_line("Syntax error - Line 7: x"), Some(7));
        assert_eq!(dockerfile_line("the pipeline 3 broke"), None);
    }
}
