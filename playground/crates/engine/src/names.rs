//! Names of images: what people call them, and the tags that runs give.

use crate::owner::Owner;

/// The images that hold what builds without a network download (Go modules, Debian packages; wheels);
/// steps that bring them in say nothing about a Dockerfile.
pub const MODULES_IMAGE: &str = "empty-room/modules";

/// A name as people write it; Podman says it in full (`docker.io/library/golang:1.23`), and
/// so does BuildKit in its steps.
pub(crate) fn familiar(name: &str) -> &str {
    ["docker.io/library/", "docker.io/", "localhost/"]
        .iter()
        .find_map(|registry| name.strip_prefix(registry))
        .unwrap_or(name)
}

/// The tag of a run's image: says whose it is without changing the image itself.
pub fn run_tag(owner: &Owner, run: &str) -> String {
    format!("empty-room/run:{}-{run}", owner.id())
}

/// Whether it is the tag of a run's image, which goes when the run ends.
pub fn is_run_tag(name: &str) -> bool {
    name.starts_with("empty-room/run:")
}

/// The id of the owner that a run's tag names.
pub(crate) fn run_tag_owner(tag: &str) -> Option<&str> {
    // <machine>-<owner>-<run>.<what>, where <what> may be a peer's id with hyphens in it.
    let rest = tag.strip_prefix("empty-room/run:")?;
    let (end, _) = rest.match_indices('-').nth(1)?;
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_become_familiar_ones() {
        for full in [
            "docker.io/empty-room/run:a-b",
            "localhost/empty-room/run:a-b",
        ] {
            assert_eq!(familiar(full), "empty-room/run:a-b");
        }
        assert_eq!(familiar("docker.io/library/golang:1.23"), "golang:1.23");
        assert_eq!(familiar("quay.io/x/y:1"), "quay.io/x/y:1");
    }

    #[test]
    fn a_runs_image_says_whose_it_is() -> std::io::Result<()> {
        let dir = tempfile::tempdir()?;
        let owner = Owner::register(dir.path())?;
        for run in ["1f.image", "1f.a-tls-server"] {
            let tag = run_tag(&owner, run);
            assert_eq!(run_tag_owner(&tag), Some(owner.id()), "{tag}");
        }
        for other in [
            "<none>:<none>",
            "alpine:3.20",
            "empty-room/run:x",
            "a/b:1-2-3",
        ] {
            assert_eq!(run_tag_owner(other), None, "{other}");
        }
        Ok(())
    }
}
