//! The labs' panels as the book shows them: with the files that their variants show, and what
//! was recorded of them. Refuses to know how a panel looks.

use super::repositories::Repositories;
use super::{Panels, Recordings, Source};
use crate::ledger::{Store, judge};
use catalog::Catalog;
use catalog::claims::Claims;
use catalog::inventory::Inventory;
use std::collections::BTreeMap;
use std::path::Path;

/// Each lab of the book at `root`, with its files and what was recorded of it.
///
/// # Errors
/// A recording or a file of a lab that cannot be read.
pub fn panels(root: &Path, catalog: &Catalog) -> anyhow::Result<Panels> {
    panels_with(root, catalog, &Recordings::load(root)?)
}

/// The same, with recordings that have been read already.
pub(crate) fn panels_with(
    root: &Path,
    catalog: &Catalog,
    recordings: &Recordings,
) -> anyhow::Result<Panels> {
    let claims = Claims::load(root, catalog)?;
    let ledger = judge(catalog, &claims, &Store::recorded(root))?;
    let panels = Panels::new(catalog, recordings, |lab, variant| {
        let context = catalog::context(root, lab, variant, &BTreeMap::new(), &BTreeMap::new())?;
        let shown = variant.show.iter().filter_map(|path| {
            Some(Source {
                path: path.clone(),
                text: context.text(path)?.to_owned(),
            })
        });
        Ok(shown.collect())
    })?;
    let inventory = Inventory::load(root, catalog)?;
    Ok(panels
        .with_ledger(catalog, ledger)
        .with_questions(&inventory)
        .with_repositories(Repositories::load(root)?))
}
