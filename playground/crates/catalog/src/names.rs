//! Names and paths that content may use, whoever reads them.

/// Lower-case letters, digits and single hyphens between them; 64 characters at most.
pub fn is_kebab_case(id: &str) -> bool {
    id.len() <= 64
        && id.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// Relative, with `/`, and without `.`, `..` or empty parts.
pub(crate) fn is_plain_path(path: &str) -> bool {
    !path.contains(['\\', '\0']) && path.split('/').all(|part| !["", ".", ".."].contains(&part))
}
