//! Which container of a manifest an image is for.

use super::{Container, Manifest, ManifestError};
use policy::image_name::ImageName;
use std::borrow::Cow;

impl Manifest {
    /// The container of this name; without one, the one whose image is `image` by its repository,
    /// else the only one there is.
    ///
    /// # Errors
    ///
    /// Where none fits, or several do: the error lists them.
    pub fn choose(
        &self,
        image: Option<&str>,
        name: Option<&str>,
    ) -> Result<&Container, ManifestError> {
        let all = || self.containers.iter();
        if let Some(name) = name {
            let end = format!("/{name}");
            let named = |one: &&Container| {
                let full = one.full_name();
                full == name || full.ends_with(&end)
            };
            return match &*all().filter(named).collect::<Vec<_>>() {
                [one] => Ok(*one),
                [] => Err(self.unclear(format!("it has no container {name:?}"))),
                several => Err(unclear(
                    format!("{} containers are called {name:?}", several.len()),
                    several,
                )),
            };
        }
        if let Some(image) = image {
            let wanted = repository(image);
            let of = |same: fn(&str, &str) -> bool| -> Vec<&Container> {
                let fits = |one: &&Container| {
                    let its = one.image.as_deref().map(repository);
                    its.is_some_and(|its| same(&its, &wanted))
                };
                all().filter(fits).collect()
            };
            // `docker build -t api` where the manifest has registry.example/team/api.
            let whole: fn(&str, &str) -> bool = |its, wanted| its == wanted;
            let end: fn(&str, &str) -> bool = |its, wanted| last(its) == last(wanted);
            for same in [whole, end] {
                match &*of(same) {
                    [] => {}
                    [one] => return Ok(*one),
                    several => {
                        let count = several.len();
                        return Err(unclear(
                            format!("{count} containers have the image {wanted}"),
                            several,
                        ));
                    }
                }
            }
        }
        match &*self.containers {
            [one] => Ok(one),
            _ => Err(self.unclear(match image {
                Some(image) => format!("no container of it has the image {}", repository(image)),
                None => "it has several containers".to_owned(),
            })),
        }
    }

    fn unclear(&self, what: String) -> ManifestError {
        unclear(what, &self.containers.iter().collect::<Vec<_>>())
    }
}

/// Containers that an error lists.
const MAX_LISTED: usize = 20;

fn unclear(what: String, among: &[&Container]) -> ManifestError {
    let one = |one: &&Container| {
        let image = one.image.as_deref().unwrap_or("no image");
        format!("{} ({image}, line {})", one.full_name(), one.line)
    };
    let mut listed: Vec<_> = among.iter().take(MAX_LISTED).map(one).collect();
    let more = among.len().saturating_sub(MAX_LISTED);
    listed.extend((more > 0).then(|| format!("and {more} more")));
    ManifestError::whole(
        format!("{what}; there are: {}", listed.join(", ")),
        "say which one with --container NAME",
    )
}

/// A reference without tag and digest, and without what everybody leaves out.
fn repository(image: &str) -> Cow<'_, str> {
    ImageName::of(image).familiar()
}

fn last(repository: &str) -> &str {
    repository.rsplit('/').next().unwrap_or(repository)
}
