//! From an image on the engine to an [`Inspection`].
//!
//! Owns which of an archive's images is the one that the engine means. Refuses to know
//! terminals, pages, and what an inspection means.

use crate::image_archive::{ImageReadError, Transfer};
use crate::{Engine, ImageFacts};
use analysis::image::{Compressed, ImageSelector, Platform, ReadError};
use analysis::inspect::{Inspection, inspect};
use policy::image_name::{ImageName, is_same_image};

/// Below this many bytes of an archive or image, compressing it to see takes about a second.
pub const SMALL: u64 = 100_000_000;

impl Engine {
    /// Reads an image that the engine has, by name or id, whole. Of one that comes for several
    /// platforms, it is the one for `platform`; by default the one that the engine would run.
    ///
    /// # Errors
    /// As [`Engine::readable_image`] and [`Engine::read_archive`].
    pub async fn inspect_image(
        &self,
        name: &str,
        platform: Option<&Platform>,
        compressed: Compressed,
        transfer: Transfer<impl Fn(u64) + Clone + Send + 'static, impl Clone + Send + 'static>,
    ) -> Result<Inspection, ImageReadError> {
        let facts = self.readable_image(name).await?;
        let saved = saved_name(name, &facts);
        let inspect_archive = async |selector: ImageSelector| {
            let read =
                move |archive: &mut dyn std::io::Read| inspect(archive, &selector, compressed);
            self.read_archive(&saved, transfer.clone(), read).await
        };
        let selector = ImageSelector {
            platform: platform.cloned().or_else(|| platform_of(&facts)),
            ..ImageSelector::default()
        };
        let mut inspected = inspect_archive(selector).await;
        if platform.is_none()
            && let Err(ImageReadError::Unreadable(ReadError::NoSuchImage { .. })) = inspected
        {
            // Engines make up an os or a CPU where the config has none; then it is the only image.
            inspected = inspect_archive(ImageSelector::default()).await;
        }
        let mut inspection = inspected?;
        // Saved by its id, it comes without its names.
        if inspection.image.identity.names.is_empty() {
            inspection.image.identity.names = facts.names;
        }
        Ok(inspection)
    }
}

/// The name to save it by: without a tag, engines hand out every tag that there is.
fn saved_name(name: &str, facts: &ImageFacts) -> String {
    let asked = ImageName::of(name);
    let untagged = asked.tag.is_none() && asked.digest.is_none();
    let mut names = facts.names.iter().filter(|_| untagged);
    let latest = names.find(|its| is_same_image(its, name));
    latest.map_or(name, String::as_str).to_owned()
}

/// The platform of what the engine means by the name; `None` where its config does not say.
fn platform_of(facts: &ImageFacts) -> Option<Platform> {
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Some(Platform {
        os: said(&facts.os)?,
        architecture: said(&facts.architecture)?,
        variant: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_tag_only_latest_is_saved() {
        let facts = ImageFacts {
            names: vec!["app:latest".into(), "app:2".into()],
            ..ImageFacts::default()
        };
        assert_eq!(saved_name("app", &facts), "app:latest");
        assert_eq!(saved_name("docker.io/library/app", &facts), "app:latest");
        for whole in ["app:2", "h:5000/app:2", "app@sha256:00", "0123456789ab"] {
            assert_eq!(saved_name(whole, &facts), whole);
        }
    }
}
