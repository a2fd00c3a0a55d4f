//! `bases`: the only images that the Dockerfile may name, beside `scratch`.

use crate::checks::kind::{Kind, Needs};
use crate::toml::reader::Need;
use crate::toml::table::Table;
use policy::image_name::ImageName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The images that a Dockerfile may stand on or copy out of.
#[derive(Clone, Debug, Serialize)]
pub struct Bases {
    /// As the Dockerfile writes them; `scratch` needs no mention.
    pub bases: Vec<String>,
}

/// Those that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// The images, without `scratch`.
    Bases {
        /// In the order of the file.
        named: Vec<String>,
    },
}

impl Bases {
    /// Whether a Dockerfile may name this image. A digest beside an allowed tag may be any of that
    /// repository's images; which one it was read from is written, and believed. A digest alone
    /// says nothing.
    pub fn allows(&self, named: &str) -> bool {
        let named = ImageName::of(named);
        let mut allowed = self.bases.iter().map(|base| ImageName::of(base));
        allowed.any(|base| named.is_same(&base) || named.pins(&base))
    }
}

impl Kind for Bases {
    const KEYS: &'static [&'static str] = &["bases"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<Bases> {
        let bases = table.list("bases", Need::Required)?.value.into_iter();
        Some(Bases {
            bases: bases.map(|base| base.value).collect(),
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Bases(Box::new(|named| Seen::Bases { named }))
    }

    fn expected(&self) -> String {
        format!("only {} and scratch", self.bases.join(", "))
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::Bases { named } = seen;
        named.iter().all(|base| self.allows(base))
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::Bases { named } = self;
        match named.is_empty() {
            true => f.write_str("scratch alone"),
            false => f.write_str(&named.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowed_image_has_several_names_and_no_other_image_has_one() {
        let bases = ["golang:1.23", "gcr.io/distroless/static-debian12:latest"];
        let bases = Bases {
            bases: bases.map(str::to_owned).to_vec(),
        };
        let fits = |named: &str| {
            bases.fits(&Seen::Bases {
                named: vec!["golang:1.23".into(), named.into()],
            })
        };
        for allowed in [
            "golang:1.23",
            "docker.io/library/golang:1.23",
            "docker.io/golang:1.23",
            "index.docker.io/library/golang:1.23",
            "golang:1.23@sha256:00",
            "gcr.io/distroless/static-debian12",
        ] {
            assert!(fits(allowed), "{allowed}");
        }
        for foreign in [
            "golang",
            "golang:1.23-alpine",
            "golang@sha256:00",
            "golang:1.24@sha256:00",
            "quay.io/golang:1.23",
            "somebody/golang:1.23",
            "gcr.io/distroless/static-debian12:debug",
            "distroless/static-debian12",
        ] {
            assert!(!fits(foreign), "{foreign}");
        }
    }
}
