//! Type descriptors of small binaries by many linkers, charged to packages.
//!
//! No tool lists them: the linker keeps one symbol for all. So they are held against what the
//! runtime says of where they lie, and against what the programs are known to have.

use super::versions::bytes;
use analysis::binary::go::Totals;
use analysis::binary::{XRay, xray};

const CORPUS: [&str; 11] = [
    "go1.18-amd64",
    "go1.20-arm64",
    "go1.21-amd64-pie",
    "go1.22-riscv64",
    "go1.23-amd64-symbols",
    "go1.23-amd64-glibc",
    "go1.24-386",
    "go1.25-arm",
    "go1.26-amd64-pie",
    "go1.27-s390x",
    "go1.27-amd64-asks",
];

fn totals(xray: &XRay<'_>) -> Totals {
    let code = xray.go.as_ref().and_then(|go| go.code.as_ref().ok());
    code.expect("a function table").totals
}

#[test]
fn types_of_every_linker_are_reached_and_charged() {
    println!(
        "{:22} {:>8} {:>7} {:>8} {:>7}  named without and with types",
        "binary", "file", "types", "charged", "region"
    );
    for name in CORPUS {
        let bytes = bytes(name);
        let xray = xray(&bytes).expect("an ELF file");
        let totals = totals(&xray);
        let code = xray
            .go
            .as_ref()
            .and_then(|go| go.code.as_ref().ok())
            .expect("there");
        let regions = code.regions.expect("module data");
        let room = regions.types_end - regions.types;
        let of = |bytes: u64| 100.0 * bytes as f64 / xray.bytes as f64;
        let before = totals.go + totals.table_attributed + totals.stack_maps;
        println!(
            "{name:22} {:8} {:7} {:8} {room:7}  {:.1} % {:.1} %",
            xray.bytes,
            totals.types,
            totals.types_attributed,
            of(before),
            of(before + totals.types_attributed)
        );
        let sum: u64 = code.packages.iter().map(|package| package.types).sum();
        assert_eq!(sum, totals.types_attributed, "{name}");
        assert!(
            totals.types <= room && sum * 10 > totals.types * 6,
            "{name}: {totals:?}"
        );
        assert!(totals.types * 50 > xray.bytes, "{name}: {totals:?}");
        assert!(
            code.package("runtime").expect("there").types > 10_000,
            "{name}"
        );
    }
}
