//! Real Go programs, from the corpus of binaries.

use crate::preflight::testing::*;
use flate2::read::GzDecoder;
use std::io::Read;
use std::path::Path;

fn binary(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/binaries");
    let packed = std::fs::read(folder.join(format!("{name}.gz"))).expect("in the corpus");
    let mut bytes = Vec::new();
    let read = GzDecoder::new(&*packed).read_to_end(&mut bytes);
    read.expect("gzip");
    bytes
}

fn alone(name: &str) -> Vec<String> {
    found(&app(), &[Make::Mode("app", 0o755, &binary(name))])
}

#[test]
fn what_asks_for_much_is_told_what_scratch_lacks() {
    let told = ["no-time-zones", "user-lookup", "no-tmp"];
    let told = told.map(|rule| format!("will fail: {rule}"));
    assert_eq!(alone("go1.27-amd64-asks"), told);
    let bytes = binary("go1.27-amd64-asks");
    let furnished = [
        Make::Mode("app", 0o755, &bytes),
        Make::File("usr/share/zoneinfo/Europe/Berlin", b"TZif"),
        Make::File("etc/passwd", b"root:x:0:0::/root:/sbin/nologin\n"),
        Make::DirMode("tmp", 0o1777),
    ];
    assert_eq!(found(&app(), &furnished), [""; 0]);
}

#[test]
fn linkage_is_told_apart() {
    assert_eq!(
        alone("go1.26-amd64-pie"),
        ["will not start: loader-missing"]
    );
    assert_eq!(alone("go1.23-amd64-glibc"), [""; 0]);
    assert_eq!(alone("go1.24-386"), [""; 0]);
    assert_eq!(alone("go1.18-amd64"), [""; 0]);
    assert_eq!(alone("go1.27-s390x"), ["will not start: wrong-cpu"]);
    assert_eq!(alone("go1.20-arm64"), ["will not start: wrong-cpu"]);
}

#[test]
fn symbols_that_were_left_in_are_told() {
    assert_eq!(alone("go1.23-amd64-symbols"), ["advice: debug-info"]);
}
