//! Loaders and libraries, where glibc and musl look for them.

use crate::preflight::Here;
use crate::preflight::testing::*;
use serde_json::json;

const GLIBC: &str = "/lib64/ld-linux-x86-64.so.2";
const MUSL: &str = "/lib/ld-musl-x86_64.so.1";
const MISSING: [&str; 1] = ["will not start: library-missing"];

#[test]
fn a_program_without_its_loader_does_not_start() {
    let app_file = dynamic(GLIBC, &["libc.so.6"], "");
    let files = [Make::Mode("app", 0o755, &app_file)];
    assert_eq!(found(&app(), &files), ["will not start: loader-missing"]);
    // PIE without cgo: a loader, and no library.
    let pie = dynamic(GLIBC, &[], "");
    assert_eq!(
        found(&app(), &[Make::Mode("app", 0o755, &pie)]),
        ["will not start: loader-missing"]
    );
    let loader = elf();
    let files = [
        Make::Mode("app", 0o755, &pie),
        Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &loader),
    ];
    assert_eq!(found(&app(), &files), [""; 0]);
}

#[test]
fn libraries_are_found_where_glibc_looks_and_only_there() {
    let program = dynamic(GLIBC, &["libc.so.6", "libx.so"], "$ORIGIN/../own");
    let libc = dynamic("", &["ld-linux-x86-64.so.2"], "");
    let needs_y = dynamic("", &["liby.so.1"], "");
    let plain = elf();
    let run = |x: &str, y: &str, env: &str, cache: &[Make<'_>]| {
        let mut files = vec![
            Make::Mode("opt/bin/app", 0o755, &program),
            Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &plain),
            Make::Mode("usr/lib/x86_64-linux-gnu/libc.so.6", 0o644, &libc),
            Make::Link("lib", "usr/lib"),
            Make::Mode(x, 0o644, &needs_y),
            Make::Mode(y, 0o644, &plain),
        ];
        files.extend_from_slice(cache);
        found(&json!({ "Cmd": ["/opt/bin/app"], "Env": [env] }), &files)
    };
    let cache = [Make::File("etc/ld.so.cache", b"glibc-ld.so.cache1.1")];
    let there = "usr/lib/x86_64-linux-gnu/liby.so.1";
    assert_eq!(run("opt/own/libx.so", there, "A=b", &[]), [""; 0]);
    assert_eq!(
        run("srv/libx.so", there, "LD_LIBRARY_PATH=/x:/srv", &[]),
        [""; 0]
    );
    assert_eq!(run("srv/libx.so", there, "A=b", &[]), MISSING);
    assert_eq!(run("lib64/libx.so", "srv/liby.so.1", "A=b", &[]), MISSING);
    // A cache may name any directory, but not a file that is nowhere.
    assert_eq!(run("srv/libx.so", there, "A=b", &cache), [""; 0]);
    assert_eq!(run("srv/libz.so", there, "A=b", &cache), MISSING);
}

#[test]
fn a_library_for_another_cpu_is_none() {
    let program = dynamic(GLIBC, &["libx.so"], "");
    let (plain, other) = (elf(), elf_for(183));
    let run = |library: &[u8]| {
        let files = [
            Make::Mode("app", 0o755, &program),
            Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &plain),
            Make::Mode("lib/libx.so", 0o755, library),
        ];
        found(&app(), &files)
    };
    assert_eq!(run(&plain), [""; 0]);
    assert_eq!(run(&other), MISSING);
}

#[test]
fn musl_is_its_own_c_library() {
    let plain = elf();
    let run = |needed: &[&str], more: &[Make<'_>]| {
        let program = dynamic(MUSL, needed, "");
        let mut files = vec![
            Make::Mode("app", 0o755, &program),
            Make::Mode("lib/ld-musl-x86_64.so.1", 0o755, &plain),
        ];
        files.extend_from_slice(more);
        found(&app(), &files)
    };
    assert_eq!(
        run(&["libc.musl-x86_64.so.1", "libpthread.so.0"], &[]),
        [""; 0]
    );
    assert_eq!(run(&["libresolv.so.2"], &[]), MISSING);
    let local = [Make::Mode("usr/local/lib/libx.so", 0o644, &plain)];
    assert_eq!(run(&["libx.so"], &local), [""; 0]);
    // A stand-in for glibc's loader knows more than we do.
    let program = dynamic(GLIBC, &["libc.so.6", "libresolv.so.2"], "");
    let files = [
        Make::Mode("app", 0o755, &program),
        Make::Mode("lib/ld-musl-x86_64.so.1", 0o755, &plain),
        Make::Mode("lib/ld-linux-x86-64.so.2", 0o755, &plain),
        Make::Link("lib64", "lib"),
    ];
    assert_eq!(found(&app(), &files), [""; 0]);
}

#[test]
fn libraries_that_need_each_other_end() {
    let program = dynamic(GLIBC, &["liba.so"], "");
    let (a, b) = (dynamic("", &["libb.so"], ""), dynamic("", &["liba.so"], ""));
    let plain = elf();
    let files = [
        Make::Mode("app", 0o755, &program),
        Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &plain),
        Make::Mode("lib/liba.so", 0o644, &a),
        Make::Mode("lib/libb.so", 0o644, &b),
    ];
    assert_eq!(found(&app(), &files), [""; 0]);
}

#[test]
fn a_library_is_no_program() {
    let library = dynamic("", &["libc.so.6"], "");
    assert_eq!(
        found(&app(), &[Make::Mode("app", 0o755, &library)]),
        ["will not start: not-an-executable"]
    );
}

#[test]
fn a_library_that_is_older_than_the_program_is_told() {
    let (program, libc) = (dynamic(GLIBC, &["libc.so.6"], ""), dynamic("", &[], ""));
    let loader = elf();
    let files = [
        Make::Mode("app", 0o755, &program),
        Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &loader),
        Make::Mode("lib/libc.so.6", 0o644, &libc),
    ];
    let run = |has: &[&str]| {
        let mut inspection = image(&app(), &files);
        let needs = [(
            "libc.so.6".to_owned(),
            vec!["GLIBC_2.2.5".to_owned(), "GLIBC_2.34".into()],
        )];
        elf_at(&mut inspection, "/app").needs_versions = needs.into();
        let has = has.iter().map(|version| version.to_string()).collect();
        elf_at(&mut inspection, "/lib/libc.so.6").defines_versions = has;
        said(&inspection, &Here::default())
    };
    assert_eq!(
        run(&["GLIBC_2.2.5", "GLIBC_2.31"]),
        ["will not start: library-too-old"]
    );
    assert_eq!(run(&["GLIBC_2.2.5", "GLIBC_2.34"]), [""; 0]);
    // One that names no versions is taken as it is.
    assert_eq!(run(&[]), [""; 0]);
}
