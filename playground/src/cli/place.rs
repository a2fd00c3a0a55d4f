//! Where the book lies: where it is named to be, in the checkout around us, inside this program,
//! or where this was compiled.

use anyhow::Context;
use embedded::Content;
use policy::UserError;
use std::path::{Path, PathBuf};

/// What was said of folders on the command line.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The book's folder, where it is named.
    pub(super) root: Option<PathBuf>,
    /// The data folder, where it is named.
    pub(super) data: Option<PathBuf>,
}

impl Place {
    /// The book to read: a checkout goes before what this program carries.
    pub(super) fn root(&self) -> anyhow::Result<PathBuf> {
        if let Some(root) = self.checkout_if_any()? {
            return Ok(root);
        }
        if let Some(content) = Content::of_this_program() {
            let laid = content.lay_down(&self.data()?)?;
            if let Some(theirs) = laid.set_aside {
                eprintln!(
                    "The files of the book were changed; they lie in {} now, and the book is as \
                     it was.\n  next: to change the book, clone it and run this there",
                    theirs.display()
                );
            }
            return Ok(laid.root);
        }
        compiled_in().with_context(|| {
            format!(
                "no book.toml with book/labs in {} or above it\n  \
                 next: run this inside the book's folder, or pass --root",
                std::env::current_dir().unwrap_or_default().display()
            )
        })
    }

    /// The book of a checkout, for commands that write into it: what this program carries is
    /// nobody's to change.
    pub(super) fn checkout(&self) -> anyhow::Result<PathBuf> {
        if let Some(root) = self.checkout_if_any()? {
            return Ok(root);
        }
        if Content::of_this_program().is_none()
            && let Some(root) = compiled_in()
        {
            return Ok(root);
        }
        Err(UserError {
            what: "This command writes into the book, and there is no checkout of it here.".into(),
            cause: "the book that this program carries is only read".into(),
            next: "clone the book, and run this inside of its folder".into(),
        }
        .into())
    }

    /// Whether the book to read is the one that this program carries.
    pub(super) fn is_carried(&self) -> anyhow::Result<bool> {
        Ok(self.checkout_if_any()?.is_none() && Content::of_this_program().is_some())
    }

    /// The data folder.
    pub(super) fn data(&self) -> anyhow::Result<PathBuf> {
        if let Some(data) = &self.data {
            return Ok(data.clone());
        }
        if let Some(dir) = std::env::var_os("XDG_DATA_HOME").filter(|d| !d.is_empty()) {
            return Ok(PathBuf::from(dir).join("empty-room"));
        }
        let home = std::env::home_dir().context("no home directory\n  next: pass --data")?;
        Ok(home.join(".local/share/empty-room"))
    }

    fn checkout_if_any(&self) -> anyhow::Result<Option<PathBuf>> {
        if self.root.is_some() {
            return Ok(self.root.clone());
        }
        let here = std::env::current_dir()?;
        Ok(here
            .ancestors()
            .find(|dir| is_book(dir))
            .map(Path::to_owned))
    }
}

fn is_book(dir: &Path) -> bool {
    dir.join("book.toml").is_file() && dir.join("book/labs").is_dir()
}

/// The checkout that this was compiled in. A program that carries the book has left it.
#[cfg(not(feature = "embed"))]
fn compiled_in() -> Option<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checkout = package.parent().filter(|dir| is_book(dir));
    checkout.map(Path::to_owned)
}

#[cfg(feature = "embed")]
fn compiled_in() -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_that_is_named_goes_before_all_others_and_can_be_written_to() {
        let place = Place {
            root: Some("/somewhere".into()),
            data: None,
        };
        assert_eq!(place.root().expect("named"), Path::new("/somewhere"));
        assert_eq!(place.checkout().expect("named"), Path::new("/somewhere"));
        assert!(!place.is_carried().expect("known"));
    }

    /// Tests run in the package's folder.
    #[test]
    fn the_checkout_around_us_goes_before_what_this_program_carries() {
        let place = Place {
            root: None,
            data: Some("/nonexistent/none is needed".into()),
        };
        let root = place.root().expect("this checkout");
        assert!(root.join("Cargo.toml").is_file(), "{root:?}");
        assert_eq!(place.checkout().expect("this checkout"), root);
    }
}
