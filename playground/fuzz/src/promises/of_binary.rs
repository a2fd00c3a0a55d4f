//! What seeing through an executable promises.

use super::message;
use crate::memory;
use analysis::binary::go::{Code, Function};
use analysis::binary::linked::Ability;
use analysis::binary::{BinaryError, XRay, form, xray};

/// Bytes that reading takes apart from what the file's length asks for.
const GRACE: usize = 1 << 20;

/// Reads an executable and holds the answer to all that is promised.
pub fn binary(bytes: &[u8]) {
    binary_within(bytes, 2 * bytes.len() + GRACE);
}

/// The same, within `most` bytes of memory.
pub fn binary_within(bytes: &[u8], most: usize) {
    let read = memory::within(most, || xray(bytes));
    let _ = form(bytes).to_string();
    match &read {
        Err(error) => message(error),
        Ok(seen) => sound(seen, bytes),
    }
    let again = xray(bytes);
    assert!(
        words(&read) == words(&again),
        "the same bytes, another answer"
    );
    assert!(
        functions(&read) == functions(&again),
        "the same bytes, other functions"
    );
}

type Read<'a> = Result<XRay<'a>, BinaryError>;

/// All but the functions.
fn words(read: &Read<'_>) -> String {
    match read {
        Ok(seen) => serde_json::to_string(seen).expect("serializable"),
        Err(error) => error.to_string(),
    }
}

fn functions<'a, 'b>(read: &'b Read<'a>) -> &'b [Function<'a>] {
    let code = read
        .as_ref()
        .ok()
        .and_then(|seen| seen.go.as_ref()?.code.as_ref().ok());
    code.map_or(&[], |code| &code.functions)
}

fn sound(seen: &XRay<'_>, bytes: &[u8]) {
    assert_eq!(seen.bytes, bytes.len() as u64);
    for section in seen.elf.sections.iter().flatten() {
        let end = section.offset.saturating_add(section.file_bytes);
        assert!(section.file_bytes == 0 || end <= seen.bytes, "{section:?}");
    }
    for segment in &seen.elf.segments {
        let end = segment.offset.saturating_add(segment.file_bytes);
        assert!(segment.file_bytes == 0 || end <= seen.bytes, "{segment:?}");
    }
    if let Some(go) = &seen.go {
        match &go.code {
            Ok(code) => adds_up(code, seen),
            Err(error) => message(error),
        }
    }
}

fn adds_up(code: &Code<'_>, seen: &XRay<'_>) {
    let totals = &code.totals;
    let of = |bytes: fn(&analysis::binary::go::Package) -> u64| {
        code.packages.iter().map(bytes).sum::<u64>()
    };
    assert_eq!(totals.code, seen.elf.code_bytes);
    assert_eq!(
        totals.code,
        totals.go + totals.others + totals.unattributed,
        "{totals:?}"
    );
    assert_eq!(totals.go, of(|package| package.code), "{totals:?}");
    assert_eq!(
        totals.table_attributed,
        of(|package| package.table),
        "{totals:?}"
    );
    assert_eq!(
        totals.stack_maps,
        of(|package| package.stack_maps),
        "{totals:?}"
    );
    assert!(totals.table <= seen.bytes, "{totals:?}");
    assert!(totals.table_attributed <= totals.table, "{totals:?}");
    assert!(totals.stack_maps <= seen.bytes, "{totals:?}");
    assert!(
        code.packages.is_sorted_by(|a, b| a.code >= b.code),
        "largest first"
    );

    let mut packages = vec![(0_u32, 0_u64); code.packages.len()];
    let mut end = None;
    for function in &code.functions {
        assert!(
            end.is_none_or(|end| end == function.start),
            "a gap before {function:?}"
        );
        end = Some(function.start.wrapping_add(function.bytes));
        if let Some(place) = function.package {
            let package = &mut packages[place as usize];
            *package = (package.0 + 1, package.1 + function.bytes);
        }
    }
    let told: Vec<_> = code
        .packages
        .iter()
        .map(|it| (it.functions, it.code))
        .collect();
    assert_eq!(packages, told, "functions make up packages");
    for ability in Ability::ALL {
        let _ = code.evidence(ability);
    }
}
