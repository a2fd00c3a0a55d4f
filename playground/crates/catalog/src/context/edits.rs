//! What a reader may edit: texts of declared files, of bearable size.

use crate::lab::Variant;
use crate::limits::MAX_EDIT_BYTES;
use policy::UserError;
use policy::suggest::known;
use std::collections::BTreeMap;

/// Refuses edits that the variant does not allow.
pub(crate) fn check_edits(
    variant: &Variant,
    edits: &BTreeMap<String, String>,
) -> Result<(), UserError> {
    let editable = || variant.editable.iter().map(String::as_str);
    if let Some(path) = edits
        .keys()
        .find(|path| !editable().any(|name| name == *path))
    {
        let shown: String = path.chars().filter(|c| !c.is_control()).take(100).collect();
        return Err(UserError {
            what: format!("`{shown}` cannot be edited in this lab"),
            cause: known(path, editable(), "editable are")
                .unwrap_or_else(|| "nothing can, here".into()),
            next: "edit one of those instead".into(),
        });
    }
    let bytes: usize = edits.values().map(String::len).sum();
    if bytes > MAX_EDIT_BYTES {
        return Err(UserError {
            what: format!("the edits are too long: {bytes} bytes"),
            cause: format!("{MAX_EDIT_BYTES} bytes in all are allowed"),
            next: "shorten them".into(),
        });
    }
    if let Some((path, _)) = edits.iter().find(|(_, text)| text.contains('\0')) {
        return Err(UserError {
            what: format!("`{path}` holds a NUL character"),
            cause: "it is not a text".into(),
            next: "remove the character".into(),
        });
    }
    Ok(())
}
