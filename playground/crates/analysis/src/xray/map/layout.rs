//! Parts given rectangles: squarified by the `streemap` crate, two levels deep.
//!
//! Areas are in proportion to bytes among siblings. What would be too small to see or to hit
//! is folded into one cell, the rest. Pure numbers; knows nothing of files.

use super::part::Cell;
use std::cmp::Reverse;
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

/// Cells for parts, each parent before what lies in it.
pub(super) fn lay(parts: Vec<Cell>, whole: Rect<f64>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (mut part, rect) in level(parts, whole, 0) {
        let inner = std::mem::take(&mut part.parts);
        let of = cells.len();
        cells.push(placed(part, rect, whole, None));
        if rect.w < MIN_PARENT.0 || rect.h < MIN_PARENT.1 {
            continue;
        }
        let room = Rect {
            x: rect.x + SIDE,
            y: rect.y + HEAD,
            w: rect.w - 2.0 * SIDE,
            h: rect.h - HEAD - SIDE,
        };
        let inner = level(inner, room, 1).into_iter();
        cells.extend(inner.map(|(part, rect)| placed(part, rect, whole, Some(of))));
    }
    cells
}

/// The parts of one parent in its rectangle, the largest first and the rest last.
fn level(mut parts: Vec<Cell>, rect: Rect<f64>, depth: usize) -> Vec<(Cell, Rect<f64>)> {
    parts.retain(|part| part.bytes > 0);
    parts.sort_by(|a, b| {
        let key = |part: &Cell| (part.is_rest(), Reverse(part.bytes));
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
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
        parts.push(Cell::rest(rest));
    }
    let nowhere = Rect::from_size(0.0, 0.0);
    let mut laid: Vec<_> = parts.into_iter().map(|part| (part, nowhere)).collect();
    if !laid.is_empty() {
        let size = |(part, _): &(Cell, Rect<f64>)| part.bytes as f64;
        streemap::squarify(rect, &mut laid, size, |(_, to), rect| *to = rect);
    }
    laid
}

fn placed(part: Cell, rect: Rect<f64>, whole: Rect<f64>, of: Option<usize>) -> Cell {
    // Four decimals are a hundredth of a pixel on the widest screens.
    let percent = |length: f64, of: f64| (length / of * 1e6).round().max(0.0) / 1e4;
    Cell {
        x: percent(rect.x, whole.w),
        y: percent(rect.y, whole.h),
        w: percent(rect.w, whole.w),
        h: percent(rect.h, whole.h),
        depth: u8::from(of.is_some()),
        of,
        ..part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xray::map::PartKind;
    use proptest::prelude::*;

    const FRAME: Rect<f64> = Rect {
        x: 0.0,
        y: 0.0,
        w: 960.0,
        h: 540.0,
    };

    fn parts(sizes: &[u64]) -> Vec<Cell> {
        let part =
            |(n, &bytes): (usize, &u64)| Cell::part(format!("{n:05}"), PartKind::File, bytes);
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
        let parent = Cell {
            parts: parts(&[60, 40]),
            ..Cell::part("usr", PartKind::Directory, 100)
        };
        let cells = lay(vec![parent], FRAME);
        assert_eq!(
            cells.iter().map(|c| c.of).collect::<Vec<_>>(),
            [None, Some(0), Some(0)]
        );
        for inner in &cells[1..] {
            assert!(inner.y * FRAME.h / 100.0 >= HEAD - 0.01, "{inner:?}");
        }
    }

    proptest! {
        #[test]
        fn areas_are_in_proportion_and_fill_the_whole(
            sizes in prop::collection::vec(1_u64..1 << 40, 1..60),
            width in 50_u32..4000,
            height in 50_u32..4000,
        ) {
            let frame = Rect::from_size(width.into(), height.into());
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
