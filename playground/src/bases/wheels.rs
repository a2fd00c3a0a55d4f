//! Python wheels for builds without a network: those that Dockerfiles of labs and exercises have
//! pip install on Go bases, in an image of their own, which only such steps see.
//!
//! They are fetched as Debian packages are ([`packages`]): where there is a network, on the same
//! base, behind what the Dockerfile installs before, so by the same pip for the same Python. Builds
//! see the image where pip looks for the settings of a machine: these name one more place to look.

use super::packages::{self, on_debian};
use analysis::dockerfile;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Where builds see the image. `/etc/pip.conf`, which Dockerfiles may bring, is read besides.
pub(super) const MOUNTED: &str = "/etc/xdg/pip";

/// What is to be fetched together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wheels {
    /// Commands that install Debian packages, pip among them, in their order.
    before: Vec<String>,
    /// What pip is asked for: names with their versions.
    wanted: Vec<String>,
}

/// What a Dockerfile has pip install in a certain version on a Go image on Debian; variables and
/// lists in files are nobody's to read.
pub(super) fn of(text: &str) -> Vec<Wheels> {
    let mut before = Vec::new();
    let mut all = Vec::new();
    for run in dockerfile::run_commands(text, on_debian) {
        before.extend(packages::install(&run));
        let wanted = wanted(&run);
        if !wanted.is_empty() {
            let before = before.clone();
            all.push(Wheels { before, wanted });
        }
    }
    all
}

/// Whether a command has pip install something that the image may hold.
pub(super) fn installs(run: &str) -> bool {
    !wanted(run).is_empty()
}

/// What the commands of a `RUN` ask pip for.
fn wanted(run: &str) -> Vec<String> {
    let mut wanted = Vec::new();
    for command in run.split(['&', ';', '|']) {
        let mut words = command.split_whitespace();
        let mut behind = words.by_ref().skip_while(|word| !is_pip(word)).skip(1);
        // Flags may stand before what pip is to do.
        if behind.find(|word| !word.starts_with('-')) != Some("install") {
            continue;
        }
        let bare = behind.map(|word| word.trim_matches(['"', '\'']));
        wanted.extend(bare.filter(|word| is_pinned(word)).map(str::to_owned));
    }
    wanted
}

/// `pip`, `pip3` and the like, with or without the way to it.
fn is_pip(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let version = name.strip_prefix("pip");
    version.is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// `name==1.2.3`, and nothing that means more to a shell.
fn is_pinned(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+!=[],".contains(c);
    !word.starts_with('-') && word.contains("==") && word.chars().all(plain)
}

/// What builds the image on `base`.
pub(super) fn dockerfile(base: &str, wheels: &BTreeSet<Wheels>) -> String {
    let mut text = String::new();
    for (number, Wheels { before, wanted }) in wheels.iter().enumerate() {
        let _ = writeln!(
            text,
            "FROM {base} AS pip-{number}\nARG BUILDARCH TARGETARCH"
        );
        for install in before {
            let _ = writeln!(text, "RUN {install}");
        }
        // pip has a list of its own of whom to trust. What is no wheel yet becomes one here.
        let _ = writeln!(
            text,
            "RUN cat /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/* >/trusted 2>/dev/null; \\\n\
             \x20   mkdir /wheels && PIP_CERT=/trusted python3 -m pip wheel --wheel-dir /wheels '{}'",
            wanted.join("' '")
        );
    }
    let _ = writeln!(text, "FROM {base} AS wheels\nWORKDIR /out");
    for number in 0..wheels.len() {
        let _ = writeln!(text, "COPY --from=pip-{number} /wheels/ ./");
    }
    let _ = write!(
        text,
        "RUN printf '[global]\\nfind-links = file://{MOUNTED}\\nretries = 1\\n' >pip.conf\n\
         FROM scratch\nCOPY --from=wheels /out /\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_wheels_are_found_in_whatever_words_pip_is_called() {
        for (run, expected) in [
            ("pip install x==1.0", &["x==1.0"][..]),
            (
                "a; pip3 install --cert /t --target /opt 'x[y]==1.0' z==2+b && rm -rf /x==3",
                &["x[y]==1.0", "z==2+b"],
            ),
            ("/venv/bin/pip3.11 -q install x==1;", &["x==1"]),
            (
                "--mount=type=cache,target=/x python3 -m pip install x==1",
                &["x==1"],
            ),
            ("pip install x==1 || pip install y==2", &["x==1", "y==2"]),
            ("pip install x==$V \"y==${W}\" z>=1 w -r list.txt", &[]),
            (
                "pip download x==1; pipx install y==1; echo pip; install z==1",
                &[],
            ),
            ("pip install --upgrade pip", &[]),
        ] {
            assert_eq!(wanted(run), expected, "{run}");
        }
    }

    #[test]
    fn wheels_are_fetched_behind_what_is_installed_before_them() {
        let text = "FROM golang:1.23 AS a\nRUN apt-get update && apt-get install -y python3-pip\n\
            RUN pip install b==1\nRUN apt-get install -y c && pip install d==1\n\
            FROM golang:1.23-alpine\nRUN pip install e==1\nFROM python:3\nRUN pip install f==1\n";
        let pip = "apt-get update && apt-get install -y python3-pip".to_owned();
        let one = Wheels {
            before: vec![pip.clone()],
            wanted: vec!["b==1".into()],
        };
        let two = Wheels {
            before: vec![pip, "apt-get install -y c".into()],
            wanted: vec!["d==1".into()],
        };
        assert_eq!(of(text), [one, two]);
    }

    #[test]
    fn equal_lines_of_several_dockerfiles_are_fetched_once() {
        let text =
            "FROM golang:1.23\nRUN apt-get install -y python3-pip\nRUN pip install b==1 c==2\n";
        let wheels: BTreeSet<_> = [of(text), of(text)].into_iter().flatten().collect();
        let text = dockerfile("golang:1.27", &wheels);
        assert_eq!(text.matches("pip wheel").count(), 1, "{text}");
        assert!(text.contains("FROM golang:1.27 AS pip-0\n"), "{text}");
        assert!(
            text.contains("RUN apt-get install -y python3-pip\n"),
            "{text}"
        );
        assert!(
            text.contains("--wheel-dir /wheels 'b==1' 'c==2'\n"),
            "{text}"
        );
    }
}
