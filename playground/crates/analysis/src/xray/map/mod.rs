//! An X-ray as a treemap: cells with positions, from the root down to a Go package.
//!
//! Owns what a place is made of (`files`, `inside`) and where its cells lie (`layout`). What is
//! written on them and how they look is the page's business.

mod files;
mod inside;
mod layout;
mod part;
#[cfg(test)]
mod tests;

pub use part::{Cell, Mark, PartKind};

use super::Files;
use inside::Inside;
use serde::{Deserialize, Serialize};
use streemap::Rect;

/// Longest place that is asked for, in bytes: Linux' longest path, and a view of a program.
pub const MAX_AT: usize = 4096 + 1024;
/// Least and most pixels of a side.
pub const SIDES: std::ops::RangeInclusive<u32> = 16..=16_384;

/// What is to be drawn.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapRequest {
    /// A directory (`/usr/lib`), or a program opened: `/app!` by sections, `/app!.text` by
    /// packages' machine code, `/app!packages` by all their bytes, `/app!packages!std` one
    /// module alone.
    pub at: String,
    /// Width of the drawing in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

/// A treemap of one place.
#[derive(Clone, Debug, Serialize)]
pub struct Map {
    /// The place, with all links followed; of a program, with its view.
    pub at: String,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// The way to it from the root, itself last.
    pub crumbs: Vec<Crumb>,
    /// Its cells, each parent before what lies in it.
    pub cells: Vec<Cell>,
}

/// A step on the way to a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Crumb {
    /// Its name.
    pub name: String,
    /// What to ask for to get there.
    pub at: String,
}

/// Why there is no map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// A side is too small or too large to draw on.
    #[error("a map has sides of {} to {} pixels", SIDES.start(), SIDES.end())]
    Sides,
    /// The place is longer than any can be.
    #[error("the place is longer than {MAX_AT} bytes")]
    Long,
    /// The image has no such place.
    #[error("{0} is not in the image")]
    NotThere(String),
    /// It is there, and there is nothing in it to draw.
    #[error("{0} is no directory, and no program that can be looked into")]
    Closed(String),
}

/// Draws a place of an image.
///
/// # Errors
/// Where the request is out of bounds, or the image has nothing to draw there.
pub fn map(files: Files<'_>, request: &MapRequest) -> Result<Map, MapError> {
    if !SIDES.contains(&request.width) || !SIDES.contains(&request.height) {
        return Err(MapError::Sides);
    }
    if request.at.len() > MAX_AT {
        return Err(MapError::Long);
    }
    let (at, crumbs, parts) = view(files, &request.at)?;
    let bytes = parts.iter().map(|part| part.bytes);
    let frame = Rect::from_size(request.width.into(), request.height.into());
    Ok(Map {
        bytes: bytes.fold(0, u64::saturating_add),
        cells: layout::lay(parts, frame),
        name: crumbs.last().map_or_else(String::new, |it| it.name.clone()),
        at,
        crumbs,
    })
}

/// The place with all links followed, the way to it, and what it is made of.
fn view(files: Files<'_>, at: &str) -> Result<(String, Vec<Crumb>, Vec<Cell>), MapError> {
    let shown = || at.chars().take(200).collect::<String>();
    let (id, rest) = files::place(files, at).ok_or_else(|| MapError::NotThere(shown()))?;
    let mut place = files.tree.path(id);
    let mut crumbs = crumbs(&place);
    if files.tree.node(id).is_directory() && rest.is_empty() {
        return Ok((place, crumbs, files::parts(files, id)));
    }
    let program = files::program(files, id);
    let inside = program.and_then(|program| Inside::new(&place, program));
    let inside = inside.ok_or_else(|| MapError::Closed(shown()))?;
    let parts = inside.parts(rest);
    let (parts, names) = parts.ok_or_else(|| MapError::NotThere(shown()))?;
    if let Some(last) = crumbs.last_mut() {
        last.at.push('!');
    }
    place.push('!');
    for (n, name) in names.into_iter().enumerate() {
        place.push_str(if n > 0 { "!" } else { "" });
        place.push_str(&name);
        let at = place.clone();
        crumbs.push(Crumb { name, at });
    }
    Ok((place, crumbs, parts))
}

fn crumbs(path: &str) -> Vec<Crumb> {
    let crumb = |name: &str, at: &str| Crumb {
        name: name.to_owned(),
        at: at.to_owned(),
    };
    let mut crumbs = vec![crumb("/", "/")];
    let mut at = String::new();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        at.push('/');
        at.push_str(name);
        crumbs.push(crumb(name, &at));
    }
    crumbs
}
