//! How a program was built, asked by meaning instead of by setting.
//!
//! Sources: `setBuildInfo` in `cmd/go/internal/load/pkg.go` (which settings are recorded, and
//! when), the start of `runtime/asm_*.s` and `runtime/os_linux_arm.go` (what a CPU must have).
//! Refuses to say what is good.

use super::build::BuildInfo;
use super::settings::Module;
use serde::Serialize;

/// The commit that a program was built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Commit<'a> {
    /// Of Git, its hash.
    pub revision: &'a str,
    /// When it was made, in RFC 3339; empty where that was not recorded.
    pub time: &'a str,
    /// Whether files were changed and not committed: nobody can build it again.
    pub modified: bool,
}

/// A CPU newer than the oldest one of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NewerCpu<'a> {
    /// The variable that asked for it: `GOAMD64`.
    pub variable: &'static str,
    /// Its value: `v3`.
    pub value: &'a str,
    /// What the program says on an older one, before `main`, and then exits with 1.
    pub says: &'static str,
}

impl BuildInfo {
    /// The commit that it was built from; `None` where none was recorded: no repository, no
    /// Git beside the compiler, or `-buildvcs=false`.
    pub fn commit(&self) -> Option<Commit<'_>> {
        Some(Commit {
            revision: self.setting("vcs.revision")?,
            time: self.setting("vcs.time").unwrap_or_default(),
            modified: self.is("vcs.modified", "true"),
        })
    }

    /// Modules that another module or folder stood in for (`replace` in go.mod).
    pub fn replaced(&self) -> impl Iterator<Item = (&Module, &Module)> {
        let all = self.main.iter().chain(&self.modules);
        all.filter_map(|module| Some((module, module.replace.as_deref()?)))
    }

    /// Modules that a folder of whoever built it stood in for: no checksum, no version.
    pub fn replaced_by_folders(&self) -> impl Iterator<Item = (&Module, &Module)> {
        self.replaced().filter(|(_, by)| by.version.is_empty())
    }

    /// Whether paths of the machine that built it were left out (`-trimpath`).
    pub fn has_trimmed_paths(&self) -> bool {
        self.is("-trimpath", "true")
    }

    /// The detector that it was built with, each many times slower or larger: `race`, `msan`,
    /// `asan`, or `cover` for tests' coverage.
    pub fn detector(&self) -> Option<&'static str> {
        let detectors = [
            ("-race", "race"),
            ("-msan", "msan"),
            ("-asan", "asan"),
            ("-cover", "cover"),
        ];
        let found = detectors
            .into_iter()
            .find(|(flag, _)| self.is(flag, "true"));
        found.map(|(_, name)| name)
    }

    /// Whether C code could be compiled in (`CGO_ENABLED`); `None` where that was not recorded
    /// (Go < 1.18). A program without any C has this, too.
    pub fn cgo(&self) -> Option<bool> {
        self.setting("CGO_ENABLED").map(|value| value == "1")
    }

    /// The CPU that it insists on, where that is more than the oldest of its kind.
    pub fn newer_cpu(&self) -> Option<NewerCpu<'_>> {
        let newer = |variable, value, says| {
            Some(NewerCpu {
                variable,
                value,
                says,
            })
        };
        if let Some(value) = self.setting("GOAMD64") {
            let says = match value {
                "v2" => {
                    "This program can only be run on AMD64 processors with v2 microarchitecture support."
                }
                "v3" => {
                    "This program can only be run on AMD64 processors with v3 microarchitecture support."
                }
                "v4" => {
                    "This program can only be run on AMD64 processors with v4 microarchitecture support."
                }
                _ => return None,
            };
            return newer("GOAMD64", value, says);
        }
        if let Some(value) = self.setting("GOARM64") {
            // Since v8.1 they all have it.
            let lse = !value.starts_with("v8.0") || value.split(',').any(|it| it == "lse");
            let says = "This program can only run on ARM64 processors with LSE support.";
            return lse.then(|| newer("GOARM64", value, says))?;
        }
        let value = self.setting("GOARM")?;
        let (version, floats) = value.split_once(',').unwrap_or((value, ""));
        let says = match (version, floats) {
            (_, "softfloat") | ("5", "") => return None,
            ("5" | "6", _) => "runtime: this CPU has no floating point hardware, so it cannot run",
            ("7", _) => "runtime: this CPU has no VFPv3 floating point hardware, so it cannot run",
            _ => return None,
        };
        newer("GOARM", value, says)
    }

    /// The version of Go's FIPS 140-3 module that it was built to use: `v1.0.0`, `latest`
    /// (`GOFIPS140`, Go ≥ 1.24).
    pub fn fips(&self) -> Option<&str> {
        self.setting("GOFIPS140").filter(|value| *value != "off")
    }

    fn is(&self, key: &str, value: &str) -> bool {
        self.setting(key) == Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(settings: &[(&str, &str)]) -> BuildInfo {
        let pairs = settings.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        BuildInfo {
            go_version: "go1.26.8".into(),
            path: "example.com/app".into(),
            main: None,
            modules: Vec::new(),
            settings: pairs.collect(),
        }
    }

    #[test]
    fn only_cpus_above_the_oldest_are_insisted_on() {
        for (variable, value, expected) in [
            ("GOAMD64", "v1", None),
            ("GOAMD64", "v3", Some("v3 microarchitecture")),
            ("GOARM64", "v8.0", None),
            ("GOARM64", "v8.0,crypto", None),
            ("GOARM64", "v8.0,lse", Some("LSE")),
            ("GOARM64", "v9.0", Some("LSE")),
            ("GOARM", "5", None),
            ("GOARM", "6,softfloat", None),
            ("GOARM", "6", Some("no floating point")),
            ("GOARM", "7", Some("VFPv3")),
            ("GO386", "sse2", None),
        ] {
            let built = built(&[(variable, value)]);
            match (built.newer_cpu(), expected) {
                (Some(newer), Some(words)) => {
                    assert!(newer.says.contains(words), "{variable}={value}");
                    assert_eq!((newer.variable, newer.value), (variable, value));
                }
                (found, expected) => {
                    assert_eq!(found.is_some(), expected.is_some(), "{variable}={value}");
                }
            }
        }
    }

    #[test]
    fn commits_detectors_and_trimmed_paths_are_told() {
        let plain = built(&[]);
        assert_eq!(
            (plain.commit(), plain.detector(), plain.cgo()),
            (None, None, None)
        );
        assert!(!plain.has_trimmed_paths() && plain.fips().is_none());
        let odd = built(&[
            ("-race", "true"),
            ("-trimpath", "true"),
            ("CGO_ENABLED", "1"),
            ("GOFIPS140", "v1.0.0-c2097c7c"),
            ("vcs", "git"),
            ("vcs.revision", "0123abcd"),
            ("vcs.modified", "true"),
        ]);
        let commit = odd.commit().expect("recorded");
        assert_eq!(
            (commit.revision, commit.time, commit.modified),
            ("0123abcd", "", true)
        );
        assert_eq!((odd.detector(), odd.cgo()), (Some("race"), Some(true)));
        assert!(odd.has_trimmed_paths());
        assert_eq!(odd.fips(), Some("v1.0.0-c2097c7c"));
    }

    #[test]
    fn replacements_by_folders_are_told_apart() {
        let module = |path: &str, version: &str, replace| Module {
            path: path.into(),
            version: version.into(),
            sum: String::new(),
            replace,
        };
        let fork = Some(Box::new(module("example.com/fork", "v1.0.1", None)));
        let folder = Some(Box::new(module("../here", "", None)));
        let info = BuildInfo {
            modules: vec![
                module("example.com/a", "v1.0.0", None),
                module("example.com/b", "v1.0.0", fork),
                module("example.com/c", "v1.0.0", folder),
            ],
            ..built(&[])
        };
        assert_eq!(info.replaced().count(), 2);
        let folders: Vec<_> = info
            .replaced_by_folders()
            .map(|(of, by)| (&*of.path, &*by.path))
            .collect();
        assert_eq!(folders, [("example.com/c", "../here")]);
    }
}
