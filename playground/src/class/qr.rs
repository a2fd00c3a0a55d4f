//! The join address as a QR code: rows for a page to draw, and text for a terminal.

use fast_qr::{ECL, QRBuilder};

/// The code's dark squares, row by row, as `1` and `0`; empty where the text is too long.
pub fn rows(text: &str) -> Vec<String> {
    let Ok(code) = QRBuilder::new(text).ecl(ECL::M).build() else {
        return Vec::new();
    };
    let row = |y: usize| -> String {
        let squares = (0..code.size).map(|x| code[y][x].value());
        squares.map(|dark| if dark { '1' } else { '0' }).collect()
    };
    (0..code.size).map(row).collect()
}

/// The same for a terminal: two rows in a line, with the quiet border that cameras ask for. Light
/// squares are drawn, so that it reads on a dark ground; whoever prints it says so in colours.
pub fn text(rows: &[String]) -> Vec<String> {
    const BORDER: usize = 2;
    let size = rows.len() + 2 * BORDER;
    let is_dark = |x: usize, y: usize| {
        let row = y.checked_sub(BORDER).and_then(|y| rows.get(y));
        let square = x.checked_sub(BORDER).and_then(|x| row?.as_bytes().get(x));
        square == Some(&b'1')
    };
    let line = |y: usize| -> String {
        let pairs = (0..size).map(|x| (is_dark(x, y), is_dark(x, y + 1)));
        pairs
            .map(|pair| match pair {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            })
            .collect()
    };
    (0..size).step_by(2).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_finders_and_a_quiet_border() {
        let rows = rows("https://192.0.2.7:4443/class/join#code=K7MQ4XTR");
        let size = rows.len();
        assert!(size >= 21 && rows.iter().all(|row| row.len() == size));
        for (x, y) in [(0, 0), (size - 7, 0), (0, size - 7)] {
            assert_eq!(&rows[y][x..x + 7], "1111111");
            assert_eq!(&rows[y + 1][x..x + 7], "1000001");
            assert_eq!(&rows[y + 3][x..x + 7], "1011101");
        }
        let lines = text(&rows);
        assert_eq!(lines.len(), (size + 4).div_ceil(2));
        assert!(lines[0].chars().all(|square| square == '█'));
        assert!(
            lines
                .iter()
                .all(|line| line.starts_with("██") && line.ends_with("██"))
        );
    }

    #[test]
    fn what_fits_into_no_code_is_no_code() {
        assert!(rows(&"x".repeat(8000)).is_empty());
        assert_eq!(text(&[]).len(), 2);
    }
}
