//! Whose a function is, by its symbol name.
//!
//! `net/http.(*Client).Do`, `main.main.func1`, `a/b%2ec.F[go.shape.[]x/y.T].gowrap2`: the
//! package ends at the first dot behind the last slash, but type arguments in brackets may
//! hold slashes and dots of their own, and dots of the path's last part are written `%2e`.

use std::borrow::Cow;

/// To whom a function's name points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner<'a> {
    /// To a package, by its path as it is written in the name.
    Package(&'a str),
    /// To no package: the compiler made it for a type without a name.
    Generated,
    /// To no package by its name: assembly, or C.
    Unsaid,
}

pub(super) fn owner(name: &str) -> Owner<'_> {
    // Equality and hash of a type; `type..eq.` before Go 1.20.
    for prefix in ["type:.eq.", "type:.hash.", "type..eq.", "type..hash."] {
        if let Some(of) = name.strip_prefix(prefix) {
            return package(of).map_or(Owner::Generated, Owner::Package);
        }
    }
    if ["go:", "go.", "type:", "type.."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
    {
        return Owner::Generated;
    }
    package(name).map_or(Owner::Unsaid, Owner::Package)
}

/// The package's path at the start of a name, or `None` where the name begins otherwise.
fn package(name: &str) -> Option<&str> {
    // What may follow a package's path; types without a name begin with one of them too.
    let plain = name
        .find(['[', '(', '{', ' ', '*', '"'])
        .unwrap_or(name.len());
    let slash = name[..plain].rfind('/').map_or(0, |at| at + 1);
    let dot = name[slash..plain].find('.')?;
    let path = &name[..slash + dot];
    (!path.is_empty()).then_some(path)
}

/// A path as people write it: `%2e` is a dot.
pub(super) fn unescaped(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut plain = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                plain.push(byte);
                rest = &after[2..];
            }
            _ => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

/// The package that a source file belongs to, for functions whose names do not say.
///
/// Knows files under any `…/src/` of a Go installation, and paths cut by `-trimpath`.
pub(super) fn package_of_file(file: &str) -> Option<&str> {
    let (folder, name) = file.rsplit_once('/')?;
    if !name.ends_with(".s") && !name.ends_with(".go") {
        return None;
    }
    let folder = folder
        .rsplit_once("/src/")
        .map_or(folder, |(_, inner)| inner);
    (!folder.starts_with(['/', '.', '_']) && !folder.contains('@')).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_point_to_their_package() {
        for (name, path) in [
            ("main.main", "main"),
            ("main.main.func1", "main"),
            ("net/http.(*Client).Do", "net/http"),
            ("net/http.(*Client).Do-fm", "net/http"),
            ("net/http.HandlerFunc.ServeHTTP", "net/http"),
            (
                "example.com/dep/wire%2ev2.SortBy[...].func1",
                "example.com/dep/wire%2ev2",
            ),
            (
                "slices.pdqsortCmpFunc[go.shape.struct { a/b.C string }]",
                "slices",
            ),
            (
                "sync/atomic.(*Pointer[go.shape.struct { x/y.z }]).Load",
                "sync/atomic",
            ),
            (
                "vendor/golang.org/x/net/idna.init",
                "vendor/golang.org/x/net/idna",
            ),
            (
                "gopkg.in/yaml%2ev3.Unmarshal.deferwrap1",
                "gopkg.in/yaml%2ev3",
            ),
            ("type:.eq.net/http.http2FrameHeader", "net/http"),
            ("type..hash.net/netip.AddrPort", "net/netip"),
            ("glob..func1", "glob"),
        ] {
            assert_eq!(owner(name), Owner::Package(path), "{name}");
        }
    }

    #[test]
    fn names_without_a_package_say_so() {
        for name in [
            "type:.eq.struct { F uintptr; net/http.x int }",
            "type:.eq.[2]interface {}",
            "type:.eq.[15]net/http.headerSorter",
            "go:buildid",
            "go.(*struct { sync.Mutex; net/http.table [64]string }).Lock",
        ] {
            assert_eq!(owner(name), Owner::Generated, "{name}");
        }
        for name in ["memeqbody", "_rt0_amd64_linux", "", ".", "crosscall2"] {
            assert_eq!(owner(name), Owner::Unsaid, "{name}");
        }
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescaped("gopkg.in/yaml%2ev3"), "gopkg.in/yaml.v3");
        assert_eq!(unescaped("a%zz%2"), "a%zz%2");
        assert_eq!(unescaped("%c3%bc"), "ü");
    }

    #[test]
    fn assembly_belongs_to_the_package_of_its_file() {
        for (file, path) in [
            (
                "/usr/local/go/src/internal/bytealg/equal_amd64.s",
                Some("internal/bytealg"),
            ),
            ("internal/bytealg/equal_amd64.s", Some("internal/bytealg")),
            ("/home/me/app/add.s", None),
            ("<autogenerated>", None),
            ("example.com/x@v1.2.3/y/add.s", None),
        ] {
            assert_eq!(package_of_file(file), path, "{file}");
        }
    }
}
