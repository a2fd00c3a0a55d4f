//! Function tables, sound and damaged: what they say adds up, or they are refused.

use super::{Code, Layout};
use crate::binary::testing::{FUNCTIONS, Frame, TEXT_ADDRESS, function_table};
use crate::binary::xray;

const LAYOUTS: [Layout; 4] = [Layout::Go12, Layout::Go116, Layout::Go118, Layout::Go120];
/// 64 bits, least significant byte first, with sections.
const FRAME: u8 = 5;
/// Bytes of the header of Go 1.20's table, and of one entry of its index.
const HEADER: usize = 8 + 8 * 8;
const INDEX: usize = 8;

fn table(layout: Layout) -> Vec<u8> {
    function_table(layout, true, false, TEXT_ADDRESS)
}

/// What is made of Go's code in a 64-bit executable with this table.
fn read(table: &[u8], ask: impl FnOnce(Result<&Code<'_>, String>)) {
    let file = Frame::chosen_by(FRAME).around(table);
    let seen = xray(&file).expect("an ELF file");
    let code = seen.go.expect("Go").code;
    ask(code.as_ref().map_err(ToString::to_string));
}

/// Where in `table`, of Go 1.20, a function's description begins.
fn description(table: &[u8], n: usize) -> usize {
    let functions = number(table, 8 + 7 * 8);
    functions + number(table, functions + n * INDEX + 4)
}

fn number(table: &[u8], at: usize) -> usize {
    u32::from_le_bytes(table[at..at + 4].try_into().expect("four")) as usize
}

fn set(table: &mut [u8], at: usize, number: u32) {
    table[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

#[test]
fn tables_of_every_layout_width_and_order_are_read() {
    for choice in 0..16 {
        let frame = Frame::chosen_by(choice);
        for layout in LAYOUTS {
            let table = function_table(layout, frame.wide, frame.big, TEXT_ADDRESS);
            let file = frame.around(&table);
            let seen = xray(&file).expect("an ELF file");
            let code = seen.go.expect("Go").code;
            let code = code.unwrap_or_else(|error| panic!("{frame:?}, {layout:?}: {error}"));
            assert_eq!(code.functions.len(), FUNCTIONS.len());
            assert!(code.package("gopkg.in/yaml.v3").is_some());
            let totals = code.totals;
            assert_eq!(totals.go + totals.others + totals.unattributed, totals.code);
            assert!(
                totals.table_attributed <= totals.table,
                "{layout:?}: {totals:?}"
            );
            assert!(totals.table <= table.len() as u64, "{layout:?}: {totals:?}");
        }
    }
}

#[test]
fn a_stream_outside_of_the_table_is_charged_to_nobody() {
    let mut table = table(Layout::Go120);
    let before = table.clone();
    let last = description(&table, FUNCTIONS.len() - 1);
    set(&mut table, last + 24, 0x0800_0000);
    let mut sound = 0;
    read(&before, |code| {
        sound = code.expect("read").totals.table_attributed
    });
    read(&table, |code| {
        let totals = code.expect("read").totals;
        assert!(totals.table_attributed <= sound, "{totals:?}");
    });
}

#[test]
fn names_within_names_are_charged_once() {
    let mut table = table(Layout::Go120);
    for n in 0..FUNCTIONS.len() {
        let at = description(&table, n);
        // The second longest of all names, from each of its first letters on.
        let name = FUNCTIONS[..4]
            .iter()
            .map(|(name, ..)| name.len() + 1)
            .sum::<usize>()
            + 1;
        set(&mut table, at + 4, (name + n) as u32);
    }
    read(&table, |code| {
        let code = code.expect("read");
        let fixed = FUNCTIONS.len() as u64 * (INDEX as u64 + 52);
        // Names that no function has any more are still whose they say; then come files and streams.
        let names_and_more = number(&table, 8 + 7 * 8) - number(&table, 8 + 3 * 8);
        let most = fixed + names_and_more as u64;
        assert!(
            code.totals.table_attributed <= most,
            "{:?} > {most}",
            code.totals
        );
    });
}

#[test]
fn descriptions_within_the_index_are_refused() {
    let mut table = table(Layout::Go120);
    let functions = number(&table, 8 + 7 * 8);
    set(&mut table, functions + 4, 0);
    read(&table, |code| {
        assert_eq!(
            code.expect_err("refused"),
            "the Go function table is damaged: its descriptions overlap"
        );
    });
    assert!(HEADER < functions);
}
