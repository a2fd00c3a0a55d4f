//! How a Go program was put together, as its bytes tell: as what, by whose linker, and whether a tool
//! took out what it says of itself.
//!
//! Sources: `go help buildmode`; the `.comment` that C compilers leave, and Go's own linker does not;
//! what garble does to a function table's mark and to the build info.

use super::build::BuildInfo;
use super::code::Code;
use super::error::CodeError;
use crate::binary::elf::Elf;
use serde::Serialize;

/// Longest text of compilers and linkers that is kept, in bytes.
const MAX_COMMENT: usize = 256;
/// Sections that C's start-up files bring, and Go's own linker never writes.
const OF_C: [&str; 3] = [".init", ".fini", ".eh_frame"];

/// How a Go program was put together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Made {
    /// As what, where it is no program: the setting `-buildmode`.
    pub library: Option<Library>,
    /// By whose linker.
    pub linker: Linker,
    /// What says that a tool hides what it is; `None` where nothing does.
    pub obfuscated: Option<Hidden>,
}

/// What others load, written in Go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Library {
    /// `-buildmode=plugin`: another Go program loads it.
    Plugin,
    /// `-buildmode=c-shared`: programs in C load it.
    CShared,
    /// `-buildmode=shared`: Go's packages for other Go programs.
    Shared,
}

/// Whose linker wrote a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Linker {
    /// Go's own.
    Go,
    /// C's (`-linkmode=external`), with what it and the compilers say of themselves; empty where they
    /// say nothing.
    C(String),
    /// Not to be told: there are no section headers.
    #[default]
    Unknown,
}

/// What a tool took out or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hidden {
    /// The function table's mark is none that Go writes, and version and modules are gone.
    TableAndBuild,
    /// Version and modules are gone, as no setting of Go's leaves them.
    Build,
}

impl Hidden {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Hidden::TableAndBuild => {
                "its function table begins with a mark that no Go writes, and its version and \
                 modules were taken out, as garble does"
            }
            Hidden::Build => "its version and modules were taken out, as garble does",
        }
    }
}

pub(super) fn of(
    elf: &Elf,
    file: &[u8],
    build: Option<&BuildInfo>,
    code: &Result<Code<'_>, CodeError>,
) -> Made {
    Made {
        library: build.and_then(library),
        linker: linker(elf, file),
        obfuscated: hidden(build, code),
    }
}

fn library(build: &BuildInfo) -> Option<Library> {
    match build.setting("-buildmode")? {
        "plugin" => Some(Library::Plugin),
        "c-shared" => Some(Library::CShared),
        "shared" => Some(Library::Shared),
        _ => None,
    }
}

fn linker(elf: &Elf, file: &[u8]) -> Linker {
    let Some(sections) = &elf.sections else {
        return Linker::Unknown;
    };
    let named = |name: &str| sections.iter().find(|section| section.name == name);
    match named(".comment") {
        Some(comment) => {
            let bytes = file.get(comment.offset as usize..).unwrap_or_default();
            let bytes = &bytes[..bytes.len().min(comment.file_bytes as usize)];
            Linker::C(texts(&bytes[..bytes.len().min(MAX_COMMENT)]))
        }
        None if OF_C.iter().any(|name| named(name).is_some()) => Linker::C(String::new()),
        None => Linker::Go,
    }
}

/// Texts that end with zeros, each once.
fn texts(bytes: &[u8]) -> String {
    let mut said: Vec<String> = Vec::new();
    for text in bytes.split(|byte| *byte == 0) {
        let text = String::from_utf8_lossy(text).into_owned();
        if !text.is_empty() && !said.contains(&text) {
            said.push(text);
        }
    }
    said.join(", ")
}

/// Go writes `go1.…` or `devel …` into every program, and the path of its package.
fn hidden(build: Option<&BuildInfo>, code: &Result<Code<'_>, CodeError>) -> Option<Hidden> {
    let of_go = |build: &BuildInfo| {
        let version = build.go_version.as_str();
        version.starts_with("go") || version.starts_with("devel") || !build.path.is_empty()
    };
    if build.is_some_and(of_go) {
        return None;
    }
    match (code, build) {
        (Err(CodeError::UnknownLayout { .. }), _) => Some(Hidden::TableAndBuild),
        (_, Some(_)) => Some(Hidden::Build),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(version: &str, path: &str) -> BuildInfo {
        BuildInfo {
            go_version: version.to_owned(),
            path: path.to_owned(),
            ..BuildInfo::default()
        }
    }

    #[test]
    fn only_what_go_never_writes_is_called_hidden() {
        let unknown = || Err(CodeError::UnknownLayout { magic: 7 });
        let none = || Err(CodeError::NoTable);
        // A newer Go's table is none of these.
        assert_eq!(hidden(Some(&build("go1.99", "a")), &unknown()), None);
        assert_eq!(hidden(Some(&build("devel go1.28-x", "")), &none()), None);
        assert_eq!(hidden(None, &none()), None);
        assert_eq!(hidden(None, &unknown()), Some(Hidden::TableAndBuild));
        let garbled = build("unknown", "");
        assert_eq!(
            hidden(Some(&garbled), &unknown()),
            Some(Hidden::TableAndBuild)
        );
        assert_eq!(hidden(Some(&garbled), &none()), Some(Hidden::Build));
        // `-ldflags=-X runtime.buildVersion=ours`.
        assert_eq!(
            hidden(Some(&build("ours", "example.com/app")), &none()),
            None
        );
    }

    #[test]
    fn what_compilers_say_is_told_once() {
        assert_eq!(
            texts(b"\0GCC: 12.2.0\0GCC: 12.2.0\0Linker: LLD 17\0"),
            "GCC: 12.2.0, Linker: LLD 17"
        );
        assert_eq!(texts(b""), "");
    }

    #[test]
    fn a_library_is_told_by_its_build_mode() {
        let of = |mode: &str| {
            let settings = vec![("-buildmode".to_owned(), mode.to_owned())];
            library(&BuildInfo {
                settings,
                ..BuildInfo::default()
            })
        };
        assert_eq!(of("plugin"), Some(Library::Plugin));
        assert_eq!(of("c-shared"), Some(Library::CShared));
        assert_eq!(of("pie"), None);
    }
}
