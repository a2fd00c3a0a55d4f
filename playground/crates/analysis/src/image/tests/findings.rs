//! What stands out in small images, in the shapes that real ones have.

use super::*;
use crate::image::notable::*;
use crate::image::notes::{Note, Package};
use crate::image::tree::Tree;

#[test]
fn a_debian_like_image_shows_its_shell_and_package_manager() {
    let (image, seen) = with_notes(&[tar(&[
        Make::Dir("usr/bin/"),
        Make::Link("bin", "usr/bin"),
        Make::Mode("usr/bin/dash", 0o755, b"\x7fELF"),
        Make::Link("usr/bin/sh", "dash"),
        Make::Mode("usr/bin/apt-get", 0o755, b"\x7fELF"),
        Make::Mode("usr/bin/rpm", 0o644, b"not to be executed"),
        Make::Mode("usr/bin/su", 0o4755, b"\x7fELF"),
        Make::DirMode("tmp/", 0o1777),
        Make::DirMode("var/mail/", 0o2775),
        Make::File("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"),
        Make::File(
            "etc/ssl/certs/ca-certificates.crt",
            b"-----BEGIN CERTIFICATE-----\n",
        ),
        Make::File("usr/share/zoneinfo/Europe/Berlin", b"TZif"),
        Make::File("var/lib/dpkg/status", b"Package: dash\nVersion: 0.5\n"),
    ])]);
    let tree = Tree::of(&image).expect("merged");
    let shells = shells(&tree);
    let paths: Vec<_> = shells
        .iter()
        .map(|shell| (&*shell.path, &*shell.file))
        .collect();
    assert_eq!(
        paths,
        [("/bin/dash", "/usr/bin/dash"), ("/bin/sh", "/usr/bin/dash")]
    );
    assert_eq!(package_managers(&tree)[0].path, "/bin/apt-get");
    assert_eq!(package_managers(&tree).len(), 1);
    let setuid: Vec<_> = setuid_files(&tree)
        .into_iter()
        .map(|id| tree.path(id))
        .collect();
    assert_eq!(setuid, ["/usr/bin/su"]);
    assert_eq!(executables(&tree).len(), 3);
    assert_eq!(noted(&tree, &seen, "/bin/sh"), Some(&Note::Elf));
    assert_eq!(users(&tree, &seen).map(<[_]>::len), Some(1));
    assert_eq!(tmp(&tree), Some(0o1777));
    assert_eq!(
        ca_bundles(&tree, &seen),
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs"]
    );
    assert_eq!(zoneinfo(&tree), ["/usr/share/zoneinfo"]);
    let dash = Package {
        name: "dash".into(),
        version: "0.5".into(),
    };
    assert_eq!(packages(&tree, &seen), [(Database::Dpkg, dash)]);
}

#[test]
fn a_distroless_like_image_has_packages_and_no_shell() {
    let (image, seen) = with_notes(&[tar(&[
        Make::File(
            "var/lib/dpkg/status.d/base",
            b"Package: base-files\nVersion: 12\n",
        ),
        Make::File(
            "var/lib/dpkg/status.d/tzdata",
            b"Package: tzdata\nVersion: 2025b\n",
        ),
        Make::File("var/lib/dpkg/status.d/tzdata.md5sums", b"0 x\n"),
        Make::File("etc/ssl/certs/ca-certificates.crt", b""),
    ])]);
    let tree = Tree::of(&image).expect("merged");
    assert_eq!(packages(&tree, &seen).len(), 2);
    assert!(
        shells(&tree).is_empty()
            && ca_bundles(&tree, &seen).is_empty()
            && zoneinfo(&tree).is_empty()
    );
    assert_eq!((tmp(&tree), users(&tree, &seen)), (None, None));
}

#[test]
fn an_alpine_like_image_shows_what_busybox_is_called() {
    let (image, seen) = with_notes(&[tar(&[
        Make::Mode("bin/busybox", 0o755, b"\x7fELF"),
        Make::Link("bin/sh", "/bin/busybox"),
        Make::Hard("bin/ash", "bin/busybox"),
        Make::File("lib/apk/db/installed", b"P:musl\nV:1.2\n"),
    ])]);
    let tree = Tree::of(&image).expect("merged");
    let names: Vec<_> = shells(&tree).into_iter().map(|shell| shell.path).collect();
    assert_eq!(names, ["/bin/ash", "/bin/sh"]);
    assert_eq!(packages(&tree, &seen)[0].0, Database::Apk);
}

#[test]
fn secrets_and_git_are_found_below_what_hides_them() {
    let base = tar(&[
        Make::File("src/.git/HEAD", b"ref: x"),
        Make::File("src/.git/objects/pack/p", &[1; 100]),
        Make::File("src/.gitignore", b"x"),
        Make::File("src/key.pem", b"-----BEGIN PRIVATE KEY-----\n"),
        Make::File("app/.env", b"API_TOKEN=not-a-token\n"),
    ]);
    let (image, seen) = with_notes(&[base, tar(&[Make::File(".wh.src", b"")])]);
    let tree = Tree::of(&image).expect("merged");
    let git = git_directories(&image, &tree);
    assert_eq!(git.len(), 1);
    assert_eq!(
        (&*git[0].path, git[0].what.bytes, git[0].visible),
        ("/src/.git", 106, false)
    );
    let secrets = secrets(&image, &tree, &seen);
    let found: Vec<_> = secrets
        .iter()
        .map(|s| (&*s.path, s.what, s.visible))
        .collect();
    assert_eq!(
        found,
        [
            ("/src/key.pem", Secret::PrivateKey, false),
            ("/app/.env", Secret::Environment, true)
        ]
    );
}

/// Path, PAX records, content.
type Carrying<'a> = (&'a str, &'a [(&'a str, &'a [u8])], &'a [u8]);

/// A layer whose files carry extended attributes, as engines write them.
fn with_attributes(files: &[Carrying<'_>]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (path, attributes, bytes) in files {
        let records = attributes.iter().copied();
        builder.append_pax_extensions(records).expect("in memory");
        let mut header = ::tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(bytes.len() as u64);
        builder
            .append_data(&mut header, path, *bytes)
            .expect("in memory");
    }
    builder.into_inner().expect("in memory")
}

#[test]
fn capabilities_are_seen_whatever_bytes_they_are() {
    let record = "SCHILY.xattr.security.capability";
    // Two rights whose bits make a line end.
    let odd = [1, 0, 0, 2, 10, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let comment = ("SCHILY.xattr.user.comment", &b"\n8 path=/x\n"[..]);
    let long = format!("opt/{}", "x".repeat(150));
    let layer = with_attributes(&[
        ("usr/bin/plain", &[], &[7; 1000]),
        ("usr/bin/server", &[comment, (record, &odd)], b"\x7fELF"),
        (&long, &[(record, &odd)], &[7; 513]),
        ("usr/bin/after", &[], b""),
        ("usr/bin/refused", &[(record, b"nonsense")], b""),
    ]);
    let link = tar(&[Make::Hard("again", "usr/bin/server")]);
    let image = of_layers(&[layer, link]).expect("read");
    let tree = Tree::of(&image).expect("merged");
    let found = capable_files(&tree);
    let paths: Vec<_> = found.iter().map(|id| tree.path(*id)).collect();
    assert_eq!(paths, ["/again", &format!("/{long}"), "/usr/bin/server"]);
    for id in found {
        let entry = tree.node(id).entry.expect("there");
        let capabilities = entry.capabilities.as_deref().expect("there");
        assert_eq!(
            capabilities.to_string(),
            "cap_dac_override,cap_fowner,cap_net_bind_service=ep"
        );
    }
}

#[test]
fn an_entry_stays_small() {
    assert!(size_of::<crate::image::Entry>() <= 80);
}
