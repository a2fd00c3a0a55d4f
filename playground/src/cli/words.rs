//! Numbers and columns as people read them on a terminal.

use super::watch::mb;
use std::borrow::Cow;

pub(super) use policy::sanitize::shown;

/// Cells of a bar.
pub(super) const CELLS: usize = 8;

/// Bytes: `312 B`, `4.1 kB`, and from 1 MB on as everywhere else (10⁶, as docker prints them).
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => {
            #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
            let kb = bytes as f64 / 1e3;
            match kb >= 99.95 {
                true => format!("{kb:.0} kB"),
                false => format!("{kb:.1} kB"),
            }
        }
        _ => mb(bytes),
    }
}

/// `12.3 %`; never `0.0 %` or `100.0 %` of what is not exactly that.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".into();
    }
    #[expect(clippy::cast_precision_loss, reason = "four digits are shown")]
    let percent = part as f64 / whole as f64 * 100.0;
    match percent {
        x if part > 0 && x < 0.05 => "< 0.1 %".into(),
        x if part < whole && x >= 99.95 => "> 99.9 %".into(),
        x => format!("{x:.1} %"),
    }
}

/// `45 012`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(" ")
}

/// `1 file`, `3 files`.
pub(super) fn of(n: u64, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", count(n)),
    }
}

/// Cut at the end to `width` columns.
pub(super) fn fit(text: &str, width: usize) -> Cow<'_, str> {
    console::truncate_str(text, width, "…")
}

/// A path cut at its beginning to `width` columns: its end tells more.
pub(super) fn fit_path(path: &str, width: usize) -> String {
    if console::measure_text_width(path) <= width {
        return path.to_owned();
    }
    let (mut kept, mut taken) = (Vec::new(), 1);
    for c in path.chars().rev() {
        taken += console::measure_text_width(c.encode_utf8(&mut [0; 4]));
        if taken > width {
            break;
        }
        kept.push(c);
    }
    let kept: String = kept.into_iter().rev().collect();
    format!("…{kept}")
}

/// Filled up with spaces to `width` columns.
pub(super) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(console::measure_text_width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// `########` of so many cells, rounded.
pub(super) fn bar(part: u64, whole: u64) -> String {
    let filled = match whole {
        0 => 0,
        _ => (u128::from(part) * CELLS as u128 * 2 + u128::from(whole)) / (u128::from(whole) * 2),
    };
    "#".repeat(usize::try_from(filled).unwrap_or(CELLS).min(CELLS))
}

/// A line about a part of a whole: bytes, share, a bar where one is `drawn`, and what it is.
pub(super) fn part(bytes: u64, whole: u64, drawn: &str, said: &str) -> String {
    let (size, share) = (size(bytes), share(bytes, whole));
    format!("  {size:>9} {share:>8}  {drawn:CELLS$}  {said}")
}

/// The sum of what hostile headers may claim.
pub(super) fn total(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_never_lie_about_all_or_nothing() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (4_100, "4.1 kB"),
            (312_400, "312 kB"),
            (6_310_000, "6.31 MB"),
            (834_000_000, "834 MB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(share(1, 1_000_000), "< 0.1 %");
        assert_eq!(share(999_999, 1_000_000), "> 99.9 %");
        assert_eq!((&*share(7, 7), &*share(0, 7)), ("100.0 %", "0.0 %"));
        assert_eq!((&*count(45_012), &*count(7)), ("45 012", "7"));
        assert_eq!(
            (&*of(1, "file"), &*of(1_200, "file")),
            ("1 file", "1 200 files")
        );
    }

    #[test]
    fn columns_hold_wide_letters_too() {
        assert_eq!(fit("COPY 日本語 /x", 10), "COPY 日本…");
        assert_eq!(fit_path("/usr/local/go/bin", 8), "…/go/bin");
        assert_eq!(fit_path("/usr", 8), "/usr");
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(
            (&*bar(1, 17), &*bar(1, 16), &*bar(10, 10)),
            ("", "#", "########")
        );
        assert_eq!(bar(u64::MAX, 1), "########");
    }
}
