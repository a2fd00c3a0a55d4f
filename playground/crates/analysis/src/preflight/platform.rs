//! Where an image is to run.

/// What is known of the engine that is to run an image; nothing, where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetPlatform {
    /// The engine's CPU as Go calls it: `amd64`, `arm64`; the kernel's `x86_64` and `aarch64` are
    /// understood. `None`: the image's own word counts.
    pub cpu: Option<String>,
    /// Whether the engine was seen to run programs for other CPUs, as Docker Desktop does.
    pub emulates: bool,
    /// Whether its runtime still has the container's capabilities when it executes the command as
    /// another user, as runc does from 1.5 on. `None`: that is not known.
    pub executes_with_rights: Option<bool>,
}

impl TargetPlatform {
    /// The same after it was tried whether the engine emulates. Where that could not be, its
    /// CPU says nothing about what it runs, and the image's own word counts.
    #[must_use]
    pub fn tried(self, emulates: Option<bool>) -> TargetPlatform {
        match emulates {
            Some(emulates) => TargetPlatform { emulates, ..self },
            None => TargetPlatform {
                executes_with_rights: self.executes_with_rights,
                ..TargetPlatform::default()
            },
        }
    }
}

/// A CPU as Go calls it (GOARCH), of what the kernel or an image calls it.
pub(super) fn goarch(cpu: &str) -> &str {
    match cpu {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Whether a kernel for `cpu` runs programs for `program` by itself: 64-bit PCs run those for 32
/// bits. Some arm64 run arm, so that is not said to fail.
pub(super) fn runs(cpu: &str, program: &str) -> bool {
    cpu == program || matches!((cpu, program), ("amd64", "386") | ("arm64", "arm"))
}
