//! What `book/claims.toml` and `exercises/inventory.toml` share: one file, read whole, that speaks
//! of labs.

use crate::diagnostic::Diagnostics;
use crate::files::read_optional_text;
use crate::toml::reader::At;
use crate::{Diagnostic, Lab};
use policy::suggest::hint;
use std::path::Path;

/// What `read` makes of the file `<root>/<name>`; the default where there is none.
///
/// # Errors
/// Every problem of the file at once.
pub(crate) fn read_optional<T: Default>(
    root: &Path,
    name: &str,
    read: impl FnOnce(&str) -> (T, Vec<Diagnostic>),
) -> Result<T, Diagnostics> {
    let mut problems = Vec::new();
    let text = read_optional_text(root, name, &mut problems);
    let found = text.map_or_else(T::default, |text| {
        let (found, more) = read(&text);
        problems.extend(more);
        found
    });
    Diagnostics::found(problems).map_or(Ok(found), Err)
}

/// Reports a name that is none of the lab's variants.
pub(crate) fn check_variant(lab: &Lab, id: &At<'_, String>) {
    if lab.variants.iter().all(|variant| variant.id != id.value) {
        let known = lab.variants.iter().map(|variant| variant.id.as_str());
        let hint = hint(&id.value, known, "there are");
        id.report(format!("the lab `{}` has no variant `{id}`{hint}", lab.id));
    }
}
