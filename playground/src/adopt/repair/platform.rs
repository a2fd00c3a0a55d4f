//! What a program is made to work on and does not find here: a cluster, an engine, a cloud's account, a
//! terminal. Nothing in an image can replace it, and nothing made up may stand for it. Pure.

use super::pattern;
use regex::Regex;
use std::sync::LazyLock;

/// What it says then, whom it looks for, and what to do.
static PLATFORMS: LazyLock<[(Regex, &str, &str); 4]> = LazyLock::new(|| {
    [
        (
            pattern(
                r"(?i)\b(?:fail\w*|unable|could not|cannot|error\w*|not?)\b[^\n]{0,60}\bin-?cluster\b|KUBERNETES_(?:SERVICE_HOST|SERVICE_PORT|MASTER)\b|kubernetes\.io/serviceaccount/|(?:fail\w*|unable|could not|cannot|error)[^\n]{0,40}\bkube-?config\b|\bkube-?config\b[^\n]{0,60}(?:no such file|not found|required|missing|invalid)",
            ),
            "a Kubernetes cluster",
            "run it in a cluster with a service account, or mount a kubeconfig; the image is built",
        ),
        (
            pattern(
                r"(?i)connect to the docker daemon|is the docker daemon running|docker\.sock\b[^\n]*(?:no such file|denied|refused)|(?:containerd|podman)\.sock\b[^\n]*(?:no such file|denied|refused)",
            ),
            "a Docker engine's socket",
            "mount that socket (-v /var/run/docker.sock:/var/run/docker.sock), which gives it the whole machine; the image is built",
        ),
        (
            pattern(
                r"(?i)google: could not find default credentials|GOOGLE_APPLICATION_CREDENTIALS",
            ),
            "credentials for Google Cloud",
            "give them when it is started, with -e or -v, and never put them into the image; the image is built",
        ),
        (
            pattern(
                r"(?i)no EC2 IMDS role found|NoCredentialProviders|failed to refresh cached credentials|could not find (?:aws )?region|\bMissingRegion\b",
            ),
            "credentials or a region for AWS",
            "give them when it is started, with -e or -v, and never put them into the image; the image is built",
        ),
    ]
});

/// What it looks for and does not find, and what to do.
pub(super) fn looked_for(output: &str) -> Option<(&'static str, &'static str)> {
    let found = PLATFORMS.iter().find(|(words, ..)| words.is_match(output));
    found.map(|(_, whom, next)| (*whom, *next))
}

/// Whether it complains that nobody sits before it.
pub(super) fn wants_terminal(output: &str) -> bool {
    static TERMINAL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)/dev/tty\b|\bnot a (?:tty|terminal)\b|\bopen (?:a )?(?:new )?tty\b|inappropriate ioctl for device|\bTERM\b[^\n]{0,24}not set|terminal entry not found|\binfocmp\b|\bterminfo\b",
        )
    });
    TERMINAL.is_match(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_a_platform_are_told_from_words_about_settings() {
        for (output, found) in [
            (
                "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined",
                true,
            ),
            (
                "open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory",
                true,
            ),
            ("Error loading kubeconfig: stat /.kube/config", true),
            (
                "dial unix /var/run/docker.sock: connect: no such file or directory",
                true,
            ),
            (
                "operation error: failed to refresh cached credentials, no EC2 IMDS role found",
                true,
            ),
            ("watching Kubernetes is turned off", false),
            ("using the in-cluster configuration", false),
            ("DATABASE_URL must be set", false),
            ("docker labels are ignored", false),
        ] {
            assert_eq!(looked_for(output).is_some(), found, "{output}");
        }
    }

    #[test]
    fn a_program_before_which_nobody_sits_says_so() {
        for output in [
            "open /dev/tty: no such device or address",
            "stdin is not a terminal",
            "could not open a new TTY: open /dev/tty: no such device",
            "Error: inappropriate ioctl for device",
            "terminal entry not found: term not set",
            "*exec.Error exec: \"infocmp\": executable file not found in $PATH",
        ] {
            assert!(wants_terminal(output), "{output}");
        }
        assert!(!wants_terminal("the pretty printer is not set"));
    }
}
