//! Names of images, taken apart and compared as engines do: `golang`, `golang:latest` and
//! `docker.io/library/golang` are one image.
//!
//! Pure text. Which image a name stands for at the moment, only an engine or a registry knows.

use std::borrow::Cow;

/// The registry that is meant where none is named.
pub const DEFAULT_REGISTRY: &str = "docker.io";
/// An older name of the same.
const OLD_DEFAULT_REGISTRY: &str = "index.docker.io";
/// Where the default registry keeps the images whose names have one part.
const LIBRARY: &str = "library/";
/// The tag that is meant where neither tag nor digest is named.
const LATEST: &str = "latest";

/// An image's name, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageName<'t> {
    /// The registry's host, with its port: `docker.io` where none is named.
    pub registry: &'t str,
    /// The name there; of the default registry without `library/`.
    pub repository: &'t str,
    /// The tag, as it is written.
    pub tag: Option<&'t str>,
    /// The digest: what stands behind the `@`. Engines go by it alone, whatever the tag says.
    pub digest: Option<&'t str>,
}

impl<'t> ImageName<'t> {
    /// Takes a name apart. Nothing is refused here: engines say what is no name.
    pub fn of(text: &'t str) -> ImageName<'t> {
        let (text, digest) = match text.split_once('@') {
            Some((text, digest)) => (text, Some(digest)),
            None => (text, None),
        };
        let (name, tag) = match text.rsplit_once(':') {
            // The colon of a registry's port stands before the last slash.
            Some((_, behind)) if behind.contains('/') => (text, None),
            Some((name, tag)) => (name, Some(tag)),
            None => (text, None),
        };
        let (registry, repository) = match split_host(name) {
            Some((OLD_DEFAULT_REGISTRY, rest)) => (DEFAULT_REGISTRY, rest),
            Some(split) => split,
            None => (DEFAULT_REGISTRY, name),
        };
        let library = (repository.strip_prefix(LIBRARY))
            .filter(|rest| registry == DEFAULT_REGISTRY && !rest.contains('/'));
        ImageName {
            registry,
            repository: library.unwrap_or(repository),
            tag,
            digest,
        }
    }

    /// The name as people write it, without tag and digest: `golang`, `gcr.io/distroless/static`.
    pub fn familiar(&self) -> Cow<'t, str> {
        // Without its registry, such a name would be another registry's.
        let ambiguous = split_host(self.repository).is_some();
        match self.registry == DEFAULT_REGISTRY && !ambiguous {
            true => Cow::Borrowed(self.repository),
            false => Cow::Owned(format!("{}/{}", self.registry, self.repository)),
        }
    }

    /// The tag that an engine goes by; `None` where it goes by the digest.
    pub fn effective_tag(&self) -> Option<&'t str> {
        match self.digest {
            Some(_) => None,
            None => Some(self.tag.unwrap_or(LATEST)),
        }
    }

    /// Whether an engine takes both for the same image. With a digest on one side alone that cannot
    /// be told from the names, so they are not.
    pub fn is_same(&self, other: &ImageName<'_>) -> bool {
        self.is_same_repository(other)
            && self.digest == other.digest
            && self.effective_tag() == other.effective_tag()
    }

    /// Whether this is the tag that `other` means, with a digest beside it: which image that is
    /// cannot be told from the name, and which one is claimed can.
    pub fn pins(&self, other: &ImageName<'_>) -> bool {
        self.is_same_repository(other)
            && self.digest.is_some()
            && self.tag.is_some()
            && self.tag == other.effective_tag()
    }

    fn is_same_repository(&self, other: &ImageName<'_>) -> bool {
        self.registry == other.registry && self.repository == other.repository
    }
}

/// Whether an engine takes both names for the same image.
pub fn is_same_image(one: &str, other: &str) -> bool {
    ImageName::of(one).is_same(&ImageName::of(other))
}

/// The registry's host and what stands behind it, where the first part of a name is one: it has a
/// dot, a port or a capital letter, or it is `localhost`.
fn split_host(name: &str) -> Option<(&str, &str)> {
    let (host, rest) = name.split_once('/')?;
    let is_host = host.contains(['.', ':'])
        || host == "localhost"
        || host.contains(|c: char| c.is_ascii_uppercase());
    is_host.then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c";

    #[test]
    fn names_are_taken_apart_as_engines_do() {
        for (text, registry, repository, tag, familiar) in [
            ("golang", "docker.io", "golang", None, "golang"),
            ("golang:1.23", "docker.io", "golang", Some("1.23"), "golang"),
            ("library/golang", "docker.io", "golang", None, "golang"),
            ("docker.io/golang", "docker.io", "golang", None, "golang"),
            (
                "index.docker.io/library/golang:1",
                "docker.io",
                "golang",
                Some("1"),
                "golang",
            ),
            ("docker.io/a/b", "docker.io", "a/b", None, "a/b"),
            (
                "library/a/b",
                "docker.io",
                "library/a/b",
                None,
                "library/a/b",
            ),
            ("gcr.io/a/b:c", "gcr.io", "a/b", Some("c"), "gcr.io/a/b"),
            (
                "gcr.io/library/a",
                "gcr.io",
                "library/a",
                None,
                "gcr.io/library/a",
            ),
            ("h:5000/a", "h:5000", "a", None, "h:5000/a"),
            ("localhost/a:1", "localhost", "a", Some("1"), "localhost/a"),
            ("Host/a", "Host", "a", None, "Host/a"),
            (
                "docker.io/gcr.io/a",
                "docker.io",
                "gcr.io/a",
                None,
                "docker.io/gcr.io/a",
            ),
            ("", "docker.io", "", None, ""),
        ] {
            let name = ImageName::of(text);
            let seen = (name.registry, name.repository, name.tag);
            assert_eq!(seen, (registry, repository, tag), "{text}");
            assert_eq!(name.familiar(), familiar, "{text}");
        }
    }

    #[test]
    fn one_image_has_several_names() {
        for (one, other) in [
            ("golang", "golang:latest"),
            ("golang", "docker.io/library/golang"),
            ("golang:1.23", "docker.io/golang:1.23"),
            ("golang:1.23", "index.docker.io/library/golang:1.23"),
            ("library/golang:1.23", "docker.io/library/golang:1.23"),
            ("a/b", "docker.io/a/b:latest"),
            ("gcr.io/a/b", "gcr.io/a/b:latest"),
        ] {
            assert!(is_same_image(one, other), "{one} {other}");
            assert!(is_same_image(other, one), "{other} {one}");
        }
    }

    #[test]
    fn other_images_keep_apart() {
        for (one, other) in [
            ("golang", "golang:1.23"),
            ("golang:1.23", "golang:1.23-alpine"),
            ("golang:1.23", "GOLANG:1.23"),
            ("golang:1.23", "golang:1.23 "),
            ("golang:1.23", "quay.io/golang:1.23"),
            ("golang:1.23", "localhost/golang:1.23"),
            ("golang:1.23", "docker.io.example/golang:1.23"),
            ("golang:1.23", "somebody/golang:1.23"),
            ("golang:1.23", "library/library/golang:1.23"),
            ("gcr.io/library/a:1", "gcr.io/a:1"),
            ("golang:1.23", ""),
        ] {
            assert!(!is_same_image(one, other), "{one} {other}");
            assert!(!is_same_image(other, one), "{other} {one}");
        }
    }

    #[test]
    fn a_digest_is_what_counts() {
        let of = |name: &str| format!("{name}@{DIGEST}");
        assert!(is_same_image(&of("golang:1.23"), &of("golang")));
        assert!(is_same_image(
            &of("golang:1.23"),
            &of("docker.io/golang:1.22")
        ));
        assert!(!is_same_image(&of("golang:1.23"), "golang:1.23"));
        assert!(!is_same_image(&of("golang"), &of("alpine")));
        assert!(!is_same_image(&of("golang"), "golang@sha256:00"));
        let (pinned, alone) = (of("docker.io/library/golang:1.23"), of("golang"));
        let pins = |one: &str, other: &str| ImageName::of(one).pins(&ImageName::of(other));
        assert!(pins(&pinned, "golang:1.23"));
        for (one, other) in [
            (pinned.as_str(), "golang:1.22"),
            (&pinned, "golang"),
            (&pinned, "alpine:1.23"),
            (&pinned, &pinned),
            (&alone, "golang"),
            ("golang:1.23", "golang:1.23"),
        ] {
            assert!(!pins(one, other), "{one} {other}");
        }
        assert!(pins(&of("golang:latest"), "golang"));
    }
}
