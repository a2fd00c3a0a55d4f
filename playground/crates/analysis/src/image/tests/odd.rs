//! Tars that readers read in different ways: what Go's `archive/tar` reads is what engines unpack.

use super::*;
use crate::image::search::search;
use crate::image::tree::Tree;

/// A header with this size, whatever it is, and content behind it up to a whole block.
fn raw(kind: u8, path: &str, size: u64, mode: u32, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
    header.as_mut_bytes()[157..160].copy_from_slice(b"etc");
    header.as_mut_bytes()[156] = kind;
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    header.set_cksum();
    let mut bytes = [header.as_bytes(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn file(path: &str, content: &[u8]) -> Vec<u8> {
    raw(b'0', path, content.len() as u64, 0o644, content)
}

/// PAX records before an entry, or for all that follow.
fn records(records: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let records = records.iter().copied();
    builder.append_pax_extensions(records).expect("in memory");
    let bytes = builder.into_inner().expect("in memory");
    bytes[..bytes.len() - 1024].to_vec()
}

fn ended(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), vec![0; 1024]].concat()
}

/// Path, size and mode of all that is no directory.
fn shown(parts: &[Vec<u8>]) -> Vec<String> {
    let image = of_layers(&[ended(parts)]).expect("read");
    let tree = Tree::of(&image).expect("merged");
    let files = tree.walk().filter(|id| !tree.node(*id).is_directory());
    let say = |id| {
        let node = tree.node(id);
        format!("{} {} {:o}", tree.path(id), node.bytes, node.mode())
    };
    files.map(say).collect()
}

#[test]
fn a_size_on_what_has_no_content_hides_nothing() {
    for kind in b'2'..=b'6' {
        let su = raw(b'0', "bin/su", 1, 0o4755, b"x");
        let found = shown(&[raw(kind, "odd", 1024, 0o644, b""), su]);
        let found = found.iter().find(|line| line.starts_with("/bin/su"));
        assert_eq!(found.map(String::as_str), Some("/bin/su 1 4755"), "{kind}");
    }
    let found = shown(&[
        file("etc", b"x"),
        raw(b'1', "link", 512, 0o644, b""),
        file("z", b"z"),
    ]);
    assert_eq!(found, ["/etc 1 644", "/link 0 644", "/z 1 644"]);
    // In tars from before POSIX, the slash makes it a directory.
    let old = raw(0, "d/", 512, 0o755, b"");
    assert_eq!(shown(&[old, file("z", b"z")]), ["/z 1 644"]);
}

#[test]
fn a_record_says_only_what_its_own_length_covers() {
    let hiding: &[u8] = b"1\n16 path=bin/odd\n";
    let said = records(&[("SCHILY.xattr.user.a", hiding)]);
    assert_eq!(shown(&[said, file("bin/su", b"x")]), ["/bin/su 1 644"]);
    let said = records(&[("SCHILY.xattr.user.a", b"1\n13 size=512\n")]);
    let found = shown(&[said, file("a", b"x"), file("b", b"y")]);
    assert_eq!(found, ["/a 1 644", "/b 1 644"]);
}

#[test]
fn of_several_records_the_last_counts() {
    let said = records(&[
        ("path", b"first"),
        ("path", b"last"),
        ("uid", b"1"),
        ("uid", b"7"),
    ]);
    assert_eq!(shown(&[said, file("header", b"x")]), ["/last 1 644"]);
    let said = [records(&[("path", b"first")]), records(&[("uid", b"7")])].concat();
    assert_eq!(shown(&[said, file("header", b"x")]), ["/header 1 644"]);
    // What GNU writes counts for more than PAX, and an empty record for nothing.
    let long = raw(b'L', "././@LongLink", 5, 0o644, b"long\0");
    let said = [long, records(&[("path", b"pax")])].concat();
    assert_eq!(shown(&[said, file("header", b"x")]), ["/long 1 644"]);
    let said = records(&[("path", b"")]);
    assert_eq!(shown(&[said, file("header", b"x")]), ["/header 1 644"]);
}

#[test]
fn a_path_with_a_line_end_is_that_path() {
    let said = records(&[("path", b"a\nb")]);
    assert_eq!(shown(&[said, file("header", b"x")]), ["/a\nb 1 644"]);
    let said = records(&[("linkpath", b"a\nb")]);
    let image = of_layers(&[ended(&[said, raw(b'2', "l", 0, 0o777, b"")])]).expect("read");
    let tree = Tree::of(&image).expect("merged");
    let link = tree.lookup_link("/l").expect("there");
    assert_eq!(tree.node(link).target(), Some("a\nb"));
}

/// Engines forget them: they are none of an entry.
#[test]
fn records_for_all_entries_say_nothing_of_any() {
    let mut global = records(&[("path", b"global")]);
    global[156] = b'g';
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes().copy_from_slice(&global[..512]);
    header.set_cksum();
    global[..512].copy_from_slice(header.as_bytes());
    let before = records(&[("path", b"pax")]);
    let found = shown(&[before, global, file("header", b"x"), file("more", b"x")]);
    assert_eq!(found, ["/header 1 644", "/more 1 644"]);
}

#[test]
fn sparse_files_have_the_name_and_size_that_their_records_say() {
    let name = ("GNU.sparse.name", &b"app"[..]);
    let stored = b"a secret";
    let zeroth = records(&[
        ("GNU.sparse.size", b"2000"),
        ("GNU.sparse.numblocks", b"1"),
        ("GNU.sparse.offset", b"1000"),
        ("GNU.sparse.numbytes", b"8"),
        name,
        ("GNU.sparse.major", b"0"),
        ("GNU.sparse.minor", b"0"),
    ]);
    let first = records(&[
        ("GNU.sparse.size", b"2000"),
        ("GNU.sparse.numblocks", b"1"),
        ("GNU.sparse.map", b"1000,8"),
        name,
        ("GNU.sparse.major", b"0"),
        ("GNU.sparse.minor", b"1"),
    ]);
    let newest = records(&[
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        name,
        ("GNU.sparse.realsize", b"2000"),
    ]);
    let mut map = b"1\n1000\n8\n".to_vec();
    map.resize(512, 0);
    let map = [&map[..], stored].concat();
    for (said, content) in [(zeroth, &stored[..]), (first, &stored[..]), (newest, &map)] {
        let parts = [said, file("GNUSparseFile.0/app", content), file("z", b"z")];
        assert_eq!(shown(&parts), ["/app 2000 644", "/z 1 644"]);
        let layers = [ended(&parts)];
        let ids = layers.each_ref().map(|layer| digest(layer));
        let archive = legacy(&[("made:1", &layers)]);
        let found = search(archive.as_slice(), &ids, b"\0\0a secret\0\0").expect("searched");
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

#[test]
fn what_engines_refuse_of_a_tar_is_refused() {
    let refused = |parts: &[Vec<u8>]| {
        let error = of_layers(&[ended(parts)]).expect_err("refused");
        assert!(error.to_string().contains("its tar is damaged"), "{error}");
    };
    refused(&[file("a", b"x"), vec![0; 512], file("bin/su", b"x")]);
    refused(&[records(&[("path", b"a\0b")]), file("a", b"x")]);
    refused(&[records(&[("size", b"x")]), file("a", b"x")]);
    refused(&[records(&[("size", b"-1")]), file("a", b"x")]);
    let odd = |at: usize, byte: u8| {
        let mut bytes = file("a", b"x");
        bytes[at] = byte;
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes().copy_from_slice(&bytes[..512]);
        header.set_cksum();
        bytes[..512].copy_from_slice(header.as_bytes());
        bytes
    };
    refused(&[odd(100, b'9')]);
    refused(&[odd(124, b'x')]);
    let sparse = |map: &[u8]| {
        let said = records(&[("GNU.sparse.map", map), ("GNU.sparse.numblocks", b"1")]);
        [said, file("a", b"12345678")].concat()
    };
    assert_eq!(shown(&[sparse(b"0,8")]), ["/a 8 644"]);
    refused(&[sparse(b"0,4")]);
    refused(&[sparse(b"4,8")]);
    refused(&[sparse(b"0,8,8,0")]);
}

/// An engine unpacks both into its root.
#[test]
fn names_that_climb_stay_in_the_root() {
    let image = of_layers(&[tar(&[
        Make::File("../../etc/passwd", b"x"),
        Make::File("a/../../b", b"x"),
        Make::Hard("shadow", "../../etc/passwd"),
        Make::File(".", b"nothing"),
    ])]);
    let image = image.expect("read");
    let tree = Tree::of(&image).expect("merged");
    let paths: Vec<_> = tree.walk().map(|id| tree.path(id)).collect();
    assert_eq!(paths, ["/b", "/etc", "/etc/passwd", "/shadow"]);
}

#[test]
fn directories_may_lie_as_deep_as_engines_take_them() {
    let deep = format!("{}file", "d/".repeat(999));
    let image = of_layers(&[files(&[(&deep, b"1")])]).expect("read");
    let tree = Tree::of(&image).expect("merged");
    assert!(tree.lookup(&deep).is_ok());
}
