//! Parts given rectangles: squarified by the `streemap` crate, two levels deep.
//!
//! Areas are in proportion to bytes among siblings. What would be too small to see or to hit
//! is folded into one cell, the rest. Pure numbers; knows nothing of files.

use super::part::{Mark, Part, PartKind};
use serde::Serialize;
use streemap::Rect;

/// Parts of one parent that get cells of their own, at the two depths. More cannot be told apart.
const MAX_CELLS: [usize; 2] = [80, 40];
/// The smallest cell, in square pixels, at the two depths.
const LEAST: [f64; 2] = [64.0, 36.0];
/// Room in a parent above its parts, for its label, and on its other sides; in pixels.
const HEAD: f64 = 20.0;
const SIDE: f64 = 2.0;
/// A parent smaller than this shows none of its parts; in pixels.
const MIN_PARENT: (f64, f64) = (48.0, 44.0);

/// Width and height of the drawing, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A rectangle of the map. Positions and extents are percents of the whole drawing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// What it is called; empty for a rest.
    pub name: String,
    /// What to ask for to see it by itself, or where a file lies; `None` for a rest.
    pub at: Option<String>,
    /// What it stands for.
    pub kind: PartKind,
    /// Its bytes. Where two images are laid over each other, the larger of both.
    pub bytes: u64,
    /// Of a rest, how many it stands for; of a directory, what lies right in it; else 1.
    pub count: u64,
    /// The layer that most of its bytes come from, from 1 for the base.
    pub layer: Option<u32>,
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
    /// 0, or 1 for what lies in a cell of depth 0.
    pub depth: u8,
    /// The cell that it lies in, by its place in the list.
    pub of: Option<usize>,
    /// What stands out about it.
    pub marks: Vec<Mark>,
    /// Whether asking for `at` shows more.
    pub opens: bool,
}

/// Cells for parts, each parent before what lies in it.
pub(super) fn lay(parts: Vec<Part>, frame: Frame) -> Vec<Cell> {
    let whole = Rect {
        x: 0.0,
        y: 0.0,
        w: frame.width,
        h: frame.height,
    };
    let mut cells = Vec::new();
    for (mut part, rect) in level(parts, whole, 0) {
        let inner = std::mem::take(&mut part.parts);
        let of = cells.len();
        cells.push(cell(part, rect, frame, 0, None));
        if rect.w < MIN_PARENT.0 || rect.h < MIN_PARENT.1 {
            continue;
        }
        let room = Rect {
            x: rect.x + SIDE,
            y: rect.y + HEAD,
            w: rect.w - 2.0 * SIDE,
            h: rect.h - HEAD - SIDE,
        };
        let inner = level(inner, room, 1);
        cells.extend(
            inner
                .into_iter()
                .map(|(part, rect)| cell(part, rect, frame, 1, Some(of))),
        );
    }
    cells
}

/// The parts of one parent in its rectangle, the largest first and the rest last.
fn level(mut parts: Vec<Part>, rect: Rect<f64>, depth: usize) -> Vec<(Part, Rect<f64>)> {
    parts.retain(|part| part.bytes > 0);
    parts.sort_by(|a, b| {
        let key = |part: &Part| {
            (
                part.kind == PartKind::Rest && part.name.is_empty(),
                part.bytes,
            )
        };
        let ((a_rest, a_bytes), (b_rest, b_bytes)) = (key(a), key(b));
        a_rest
            .cmp(&b_rest)
            .then(b_bytes.cmp(&a_bytes))
            .then_with(|| a.name.cmp(&b.name))
    });
    let total: f64 = parts.iter().map(|part| part.bytes as f64).sum();
    let scale = rect.w * rect.h / total;
    let seen = parts
        .iter()
        .take(MAX_CELLS[depth])
        .take_while(|part| part.bytes as f64 * scale >= LEAST[depth])
        .count();
    if seen + 1 < parts.len() {
        let rest = parts.split_off(seen);
        parts.push(Part::rest(rest));
    }
    let nowhere = Rect {
        x: rect.x,
        y: rect.y,
        w: 0.0,
        h: 0.0,
    };
    let mut laid: Vec<_> = parts.into_iter().map(|part| (part, nowhere)).collect();
    if !laid.is_empty() {
        let size = |(part, _): &(Part, Rect<f64>)| part.bytes as f64;
        streemap::squarify(rect, &mut laid, size, |(_, to), rect| *to = rect);
    }
    laid
}

fn cell(part: Part, rect: Rect<f64>, frame: Frame, depth: u8, of: Option<usize>) -> Cell {
    // Four decimals are a hundredth of a pixel on the widest screens.
    let percent = |length: f64, of: f64| (length / of * 1e6).round().max(0.0) / 1e4;
    Cell {
        name: part.name,
        at: part.at,
        kind: part.kind,
        bytes: part.bytes,
        count: part.count,
        layer: part.layer,
        x: percent(rect.x, frame.width),
        y: percent(rect.y, frame.height),
        w: percent(rect.w, frame.width),
        h: percent(rect.h, frame.height),
        depth,
        of,
        marks: part.marks,
        opens: part.opens,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: Frame = Frame {
        width: 960.0,
        height: 540.0,
    };

    fn parts(sizes: &[u64]) -> Vec<Part> {
        let part = |(n, &bytes): (usize, &u64)| Part {
            bytes,
            ..Part::named(format!("{n:05}"), PartKind::File)
        };
        sizes.iter().enumerate().map(part).collect()
    }

    fn area(cell: &Cell) -> f64 {
        cell.w * cell.h
    }

    #[test]
    fn nothing_and_empty_files_get_no_cells() {
        assert_eq!(lay(Vec::new(), FRAME), []);
        assert_eq!(lay(parts(&[0, 0]), FRAME), []);
    }

    #[test]
    fn what_is_too_small_to_hit_is_folded_and_still_counted() {
        let mut sizes = vec![1_000_000; 3];
        sizes.extend([1; 500]);
        let cells = lay(parts(&sizes), FRAME);
        assert_eq!(cells.len(), 4);
        let rest = cells.last().expect("a rest");
        assert_eq!(
            (rest.kind, rest.bytes, rest.count),
            (PartKind::Rest, 500, 500)
        );
        assert_eq!(rest.at, None);
        let crowd = lay(parts(&[7; 2000]), FRAME);
        assert_eq!(crowd.len(), MAX_CELLS[0] + 1);
        assert_eq!(crowd.iter().map(|cell| cell.bytes).sum::<u64>(), 14_000);
    }

    #[test]
    fn what_lies_in_a_cell_leaves_room_for_its_label() {
        let parent = Part {
            bytes: 100,
            parts: parts(&[60, 40]),
            ..Part::named("usr".into(), PartKind::Directory)
        };
        let cells = lay(vec![parent], FRAME);
        assert_eq!(
            cells.iter().map(|c| c.of).collect::<Vec<_>>(),
            [None, Some(0), Some(0)]
        );
        for inner in &cells[1..] {
            assert!(inner.y * FRAME.height / 100.0 >= HEAD - 0.01, "{inner:?}");
        }
    }

    proptest! {
        #[test]
        fn areas_are_in_proportion_and_fill_the_whole(
            sizes in prop::collection::vec(1_u64..1 << 40, 1..60),
            width in 50_u32..4000,
            height in 50_u32..4000,
        ) {
            let frame = Frame { width: width.into(), height: height.into() };
            let cells = lay(parts(&sizes), frame);
            let total: u64 = sizes.iter().sum();
            prop_assert_eq!(cells.iter().map(|cell| cell.bytes).sum::<u64>(), total);
            for cell in &cells {
                let share = cell.bytes as f64 / total as f64 * 10_000.0;
                prop_assert!((area(cell) - share).abs() < 0.1, "{} for {share}", area(cell));
                prop_assert!(cell.x >= 0.0 && cell.x + cell.w <= 100.001, "{:?}", cell);
                prop_assert!(cell.y >= 0.0 && cell.y + cell.h <= 100.001, "{:?}", cell);
            }
            for (n, a) in cells.iter().enumerate() {
                for b in &cells[n + 1..] {
                    let apart = a.x + a.w <= b.x + 0.001 || b.x + b.w <= a.x + 0.001
                        || a.y + a.h <= b.y + 0.001 || b.y + b.h <= a.y + 0.001;
                    prop_assert!(apart, "{:?} lies on {:?}", a, b);
                }
            }
        }
    }
}
