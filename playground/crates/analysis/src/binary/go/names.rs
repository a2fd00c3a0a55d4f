//! Whose a function is, by its symbol name.
//!
//! `net/http.(*Client).Do`, `main.main.func1`, `a/b%2ec.F[go.shape.[]x/y.T].gowrap2`: the
//! package ends at the first dot behind the last slash, but type arguments in brackets may
//! hold slashes and dots of their own, and dots of the path's last part are written `%2e`.

use percent_encoding::percent_decode_str;
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

/// The type that a pointer points to, or a row is of: `net/http.Client` of `*net/http.Client` and of
/// `[]net/http.Client`.
pub(super) fn element(mut of_type: &str) -> &str {
    loop {
        of_type = match of_type.strip_prefix('*') {
            Some(rest) => rest,
            None if of_type.starts_with('[') => match of_type.split_once(']') {
                Some((_, rest)) => rest,
                None => return of_type,
            },
            None => return of_type,
        };
    }
}

pub(super) fn owner(name: &str) -> Owner<'_> {
    // Equality and hash of a type; `type..eq.` before Go 1.20.
    for prefix in ["type:.eq.", "type:.hash.", "type..eq.", "type..hash."] {
        if let Some(of) = name.strip_prefix(prefix) {
            return package(of).map_or(Owner::Generated, Owner::Package);
        }
    }
    let generated = ["go:", "type:", "type.."];
    if generated.iter().any(|prefix| name.starts_with(prefix)) {
        return Owner::Generated;
    }
    // `go.` before Go 1.20; a path from a host such as go.etcd.io has a slash.
    if name.starts_with("go.") && !package(name).is_some_and(|path| path.contains('/')) {
        return Owner::Generated;
    }
    package(name).map_or(Owner::Unsaid, Owner::Package)
}

/// The package's path at the start of a name, or `None` where the name begins otherwise.
fn package(name: &str) -> Option<&str> {
    // What may follow a package's path; types without a name begin with one of them too.
    let behind = |byte| matches!(byte, b'[' | b'(' | b'{' | b' ' | b'*' | b'"');
    let plain = name.bytes().position(behind).unwrap_or(name.len());
    let slash = name[..plain].rfind('/').map_or(0, |at| at + 1);
    let dot = name[slash..plain].find('.')?;
    let path = before_embedded(&name[..slash + dot]);
    (!path.is_empty()).then_some(path)
}

/// `example.com/sqlx.DB.database/sql`: a type of the first package embeds one of the other, and the
/// compiler wrote both into one name. Only the last part of a path has its dots escaped.
fn before_embedded(path: &str) -> &str {
    let mut from = 0;
    for (slash, _) in path.match_indices('/') {
        let mut names = path[from..slash].split('.');
        let first = names.next().unwrap_or_default();
        let exported = names
            .next()
            .is_some_and(|name| name.starts_with(|c: char| c.is_uppercase()));
        if exported && names.next().is_some() {
            return &path[..from + first.len()];
        }
        from = slash + 1;
    }
    path
}

/// A path as people write it: `%2e` is a dot.
pub(super) fn unescaped(path: &str) -> Cow<'_, str> {
    percent_decode_str(path).decode_utf8_lossy()
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
            ("go.etcd.io/bbolt.(*DB).Begin", "go.etcd.io/bbolt"),
            ("go.uber.org/zap.New.func1", "go.uber.org/zap"),
            ("go.yaml.in/yaml/v3.Marshal", "go.yaml.in/yaml/v3"),
            ("gopkg.in/yaml.v3/sub.F", "gopkg.in/yaml.v3/sub"),
            (
                "github.com/jmoiron/sqlx.DB.database/sql.Begin",
                "github.com/jmoiron/sqlx",
            ),
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
            "go.buildid",
            "go.struct { example.com/x.Y }.Lock",
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
