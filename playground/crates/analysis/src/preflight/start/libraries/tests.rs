//! Loaders and libraries, where glibc and musl look for them.

use crate::preflight::testing::*;
use serde_json::json;

const GLIBC: &str = "/lib64/ld-linux-x86-64.so.2";
const MUSL: &str = "/lib/ld-musl-x86_64.so.1";
const MISSING: [&str; 1] = ["will not start: library-missing"];

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

/// Program → liba (which asks with this path) → libb → libc in /opt/x.
fn chain(interpreter: &str, a: &[u8], program: &[u8]) -> Vec<String> {
    let (b, plain) = (dynamic("", &["libz.so"], ""), elf());
    let files = [
        Make::Mode("app", 0o755, program),
        Make::Mode(&interpreter[1..], 0o755, &plain),
        Make::Mode("usr/lib/liba.so", 0o644, a),
        Make::Mode("opt/x/libb.so", 0o644, &b),
        Make::Mode("opt/x/libz.so", 0o644, &plain),
    ];
    found(&app(), &files)
}

#[test]
fn a_libraries_rpath_counts_for_what_it_brings_and_its_runpath_does_not() {
    let rpath = dynamic_rpath("", &["libb.so"], "/opt/x");
    let runpath = dynamic("", &["libb.so"], "/opt/x");
    let program = |interpreter| dynamic(interpreter, &["liba.so"], "");
    assert_eq!(chain(GLIBC, &rpath, &program(GLIBC)), [""; 0]);
    assert_eq!(chain(GLIBC, &runpath, &program(GLIBC)), MISSING);
    // musl knows no difference.
    assert_eq!(chain(MUSL, &rpath, &program(MUSL)), [""; 0]);
    assert_eq!(chain(MUSL, &runpath, &program(MUSL)), [""; 0]);
}

#[test]
fn a_programs_runpath_is_for_what_it_asks_for_itself() {
    let a = dynamic("", &["libb.so"], "");
    let run = |program: &[u8], interpreter| chain(interpreter, &a, program);
    let runpath = |interpreter| dynamic(interpreter, &["liba.so"], "/opt/x");
    let rpath = dynamic_rpath(GLIBC, &["liba.so"], "/opt/x");
    assert_eq!(run(&runpath(GLIBC), GLIBC), MISSING);
    assert_eq!(run(&runpath(MUSL), MUSL), [""; 0]);
    assert_eq!(run(&rpath, GLIBC), [""; 0]);
    // Who has a runpath is not helped by the rpath of who asked for it.
    let a = dynamic("", &["libb.so"], "/srv");
    assert_eq!(chain(GLIBC, &a, &rpath), MISSING);
}

#[test]
fn origin_is_where_a_library_was_found_or_lies() {
    let program = dynamic(GLIBC, &["liba.so"], "/opt/x");
    let (a, plain) = (dynamic("", &["libb.so"], "$ORIGIN"), elf());
    let run = |b: &str| {
        let files = [
            Make::Mode("app", 0o755, &program),
            Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &plain),
            Make::Link("opt/x/liba.so", "../y/liba.so.1"),
            Make::Mode("opt/y/liba.so.1", 0o644, &a),
            Make::Mode(b, 0o644, &plain),
        ];
        found(&app(), &files)
    };
    assert_eq!(run("opt/x/libb.so"), [""; 0]);
    assert_eq!(run("opt/y/libb.so"), [""; 0]);
    assert_eq!(run("opt/z/libb.so"), MISSING);
}

#[test]
fn a_loader_elsewhere_looks_beside_itself() {
    let plain = elf();
    let run = |loader: &str, library: &str| {
        let program = dynamic(loader, &["libx.so"], "");
        let files = [
            Make::Mode("app", 0o755, &program),
            Make::Mode("opt/glibc/lib/ld-linux-x86-64.so.2", 0o755, &plain),
            Make::Link("lib64", "opt/glibc/lib"),
            Make::Mode(library, 0o644, &plain),
        ];
        found(&app(), &files)
    };
    let own = "/opt/glibc/lib/ld-linux-x86-64.so.2";
    for loader in [own, GLIBC] {
        assert_eq!(run(loader, "opt/glibc/lib/libx.so"), [""; 0]);
        assert_eq!(run(loader, "opt/glibc/lib/liby.so"), MISSING);
        // Where else it was built to look, only its maker knows.
        assert_eq!(run(loader, "opt/more/libx.so"), [""; 0]);
    }
}

#[test]
fn an_empty_element_of_a_path_is_the_working_directory() {
    let program = dynamic(GLIBC, &["libx.so"], "");
    let plain = elf();
    let run = |path: &str| {
        let files = [
            Make::Mode("app", 0o755, &program),
            Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &plain),
            Make::Mode("srv/libx.so", 0o644, &plain),
        ];
        let env = format!("LD_LIBRARY_PATH={path}");
        let config = json!({ "Cmd": ["/app"], "WorkingDir": "/srv", "Env": [env] });
        found(&config, &files)
    };
    assert_eq!(run("/opt:"), [""; 0]);
    assert_eq!(run(""), MISSING);
}

#[test]
fn a_path_without_end_is_not_followed_to_its_end() {
    let program = dynamic(GLIBC, &["libx.so"], &"a:".repeat(1500));
    let many: Vec<_> = (0..1500).map(|n| format!("/d{n}")).collect();
    let many = dynamic(GLIBC, &["libx.so"], &many.join(":")[..4000]);
    let plain = elf();
    let run = |program: &[u8]| {
        let files = [
            Make::Mode("app", 0o755, program),
            Make::Mode("lib64/ld-linux-x86-64.so.2", 0o755, &plain),
        ];
        found(&app(), &files)
    };
    assert_eq!(run(&program), MISSING);
    // More directories than are looked at: who knows.
    assert_eq!(run(&many), [""; 0]);
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
