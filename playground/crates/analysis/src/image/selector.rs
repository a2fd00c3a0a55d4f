//! How images are told apart: by name, by id, by platform, or by their layers.
//!
//! Refuses to know archives: what is in one, [`select`](super::select) finds out.

use super::text::shown;
use policy::image_name::is_same_image;
use std::fmt;

/// What an image runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// `amd64`, `arm64`, in Go's words.
    pub architecture: String,
    /// `v7`.
    pub variant: Option<String>,
}

impl Platform {
    /// From `linux/arm64` or `linux/arm/v7`.
    pub fn parse(text: &str) -> Option<Platform> {
        let mut parts = text.split('/').map(str::to_owned);
        let platform = Platform {
            os: parts.next().filter(|os| !os.is_empty())?,
            architecture: parts.next().filter(|arch| !arch.is_empty())?,
            variant: parts.next(),
        };
        parts.next().is_none().then_some(platform)
    }

    /// Whether it is what was asked for; a variant counts only where one was asked for.
    fn fits(&self, wanted: &Platform) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (wanted.variant.is_none() || self.variant == wanted.variant)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", shown(&self.os), shown(&self.architecture))?;
        match &self.variant {
            Some(variant) => write!(f, "/{}", shown(variant)),
            None => Ok(()),
        }
    }
}

/// Which image of an archive is meant; by default the only one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageSelector {
    /// A name with or without tag (`latest`), or the image's id.
    pub name: Option<String>,
    /// A platform.
    pub platform: Option<Platform>,
    /// Diff ids of its layers from the base up, as engines list them. Of several images with
    /// the same layers, any.
    pub diff_ids: Option<Vec<String>>,
}

/// An image that an archive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageIdentity {
    /// Its names; there may be none.
    pub names: Vec<String>,
    /// What it runs on.
    pub platform: Platform,
    /// Digest of its config, as engines name images.
    pub id: String,
}

impl fmt::Display for ImageIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.names.first() {
            Some(name) => shown(name),
            None => shown(self.id.get(..19).unwrap_or(&self.id)),
        };
        write!(f, "{name} ({})", self.platform)
    }
}

impl ImageSelector {
    /// The image that an engine lists with these diff ids.
    pub(super) fn of_layers(diff_ids: &[String]) -> ImageSelector {
        ImageSelector {
            diff_ids: Some(diff_ids.to_vec()),
            ..ImageSelector::default()
        }
    }

    /// Whether an image with these layers is one that is meant.
    pub(super) fn fits(&self, image: &ImageIdentity, diff_ids: &[String]) -> bool {
        let name = self.name.as_ref().is_none_or(|wanted| {
            let id = wanted.strip_prefix("sha256:").unwrap_or(wanted);
            let is_id = id.len() >= 12 && image.id[7..].starts_with(id);
            let is_name = |name: &String| is_same_image(name, wanted);
            is_id || image.names.iter().any(is_name)
        });
        let platform = self.platform.as_ref();
        let layers = self.diff_ids.as_ref();
        name && platform.is_none_or(|wanted| image.platform.fits(wanted))
            && layers.is_none_or(|wanted| *wanted == diff_ids)
    }
}

impl fmt::Display for ImageSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(diff_ids) = &self.diff_ids {
            return write!(f, "the layers {}", shown(&diff_ids.join(", ")));
        }
        match (&self.name, &self.platform) {
            (Some(name), Some(platform)) => write!(f, "{} on {platform}", shown(name)),
            (Some(name), None) => write!(f, "{}", shown(name)),
            (None, Some(platform)) => write!(f, "{platform}"),
            (None, None) => write!(f, "any image"),
        }
    }
}
