//! How a program was built, asked by meaning instead of by setting.
//!
//! Source: `setBuildInfo` in `cmd/go/internal/load/pkg.go` (which settings are recorded, and
//! when). Refuses to say what is good.

use super::build::BuildInfo;

impl BuildInfo {
    /// Whether paths of the machine that built it were left out (`-trimpath`).
    pub fn has_trimmed_paths(&self) -> bool {
        self.setting("-trimpath") == Some("true")
    }

    /// Whether C code could be compiled in (`CGO_ENABLED`); `None` where that was not recorded
    /// (Go < 1.18). A program without any C has this, too.
    pub fn cgo(&self) -> Option<bool> {
        self.setting("CGO_ENABLED").map(|value| value == "1")
    }
}
