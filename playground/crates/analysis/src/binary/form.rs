//! The cheap check: what kind of file the kernel would be asked to execute.

use super::head::Head;
use serde::Serialize;
use std::fmt;

/// The last two of the four bytes that Plan 9 begins executables with (`a.out.h`): for 386, amd64, arm
/// and arm64.
const PLAN9: [[u8; 2]; 4] = [[0x01, 0xeb], [0x8a, 0x97], [0x06, 0x47], [0x8c, 0x47]];
/// Longest first line that Linux reads of a script (BINPRM_BUF_SIZE).
const SCRIPT_LINE: usize = 256;
/// Letters of an interpreter's path that a message repeats. Written out, each may be ten bytes.
const SHOWN: usize = 60;

/// What a file is, from its first bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum Form {
    /// An ELF file of whatever kind.
    Elf(Head),
    /// Begins with `#!`.
    Script {
        /// What the kernel starts instead.
        interpreter: String,
        /// All that follows it on the line, as one argument; empty without.
        argument: String,
    },
    /// A Windows executable (`MZ`).
    Windows,
    /// A macOS executable (Mach-O, also a universal one).
    Mac,
    /// A WebAssembly module.
    Wasm,
    /// A Plan 9 executable.
    Plan9,
    /// An AIX executable (XCOFF).
    Aix,
    /// Nothing at all.
    Empty,
    /// An archive of object files (`!<arch>`), as `go build` writes of a package that is no `main`.
    Archive,
    /// Text that does not begin with `#!`: a script without its first line, or none at all. A shell
    /// would run it; the kernel refuses it.
    Text,
    /// None of these. A shell would try to run it as a script; the kernel refuses it.
    Unknown,
}

/// Says what `bytes` are. Looks at 256 of them at most, so a prefix of the file is enough.
pub fn form(bytes: &[u8]) -> Form {
    if let Some(head) = Head::parse(bytes) {
        return Form::Elf(head);
    }
    match bytes {
        [] => Form::Empty,
        [b'#', b'!', line @ ..] => script(&line[..line.len().min(SCRIPT_LINE - 2)]),
        [b'M', b'Z', ..] => Form::Windows,
        _ if bytes.starts_with(b"!<arch>\n") => Form::Archive,
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..]
        | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..]
        // A Java class begins like a universal binary, but with a version above 40 here.
        | [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0..=40, ..] => Form::Mac,
        _ if bytes.starts_with(b"\0asm") => Form::Wasm,
        [0, 0 | 0x80, magic @ ..] if PLAN9.iter().any(|known| magic.starts_with(known)) => Form::Plan9,
        [0x01, 0xf7 | 0xdf, ..] if bytes.len() > 20 => Form::Aix,
        _ if is_text(&bytes[..bytes.len().min(SCRIPT_LINE)]) => Form::Text,
        _ => Form::Unknown,
    }
}

/// What the first bytes hold is text, as far as they reach: UTF-8 that may be cut at its end.
fn is_text(bytes: &[u8]) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !b"\t\n\r\x0c\x1b".contains(byte);
    let whole = std::str::from_utf8(bytes).map_err(|error| error.error_len());
    !bytes.iter().any(control) && matches!(whole, Ok(_) | Err(None))
}

fn script(line: &[u8]) -> Form {
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    // Only blanks and tabs: a carriage return belongs to the name, which is why scripts with
    // Windows line ends are not found.
    let line = line.trim_matches([' ', '\t', '\0']);
    let (interpreter, argument) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    Form::Script {
        interpreter: interpreter.to_owned(),
        argument: argument.trim_start_matches([' ', '\t']).to_owned(),
    }
}

impl Form {
    /// Whether it is a program for another system, whose inside is not read here but for what Go
    /// says of it.
    pub fn is_foreign(&self) -> bool {
        matches!(
            self,
            Form::Windows | Form::Mac | Form::Wasm | Form::Plan9 | Form::Aix
        )
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elf(head) => write!(
                f,
                "an ELF file for {}",
                head.goarch().unwrap_or("another CPU")
            ),
            Self::Script { interpreter, .. } => {
                let shown: String = interpreter.chars().take(SHOWN).collect();
                let more = if shown == *interpreter { "" } else { "…" };
                write!(f, "a script for {shown:?}{more}")
            }
            Self::Windows => f.write_str("a Windows executable"),
            Self::Mac => f.write_str("a macOS executable"),
            Self::Wasm => f.write_str("a WebAssembly module"),
            Self::Plan9 => f.write_str("a Plan 9 executable"),
            Self::Aix => f.write_str("an AIX executable"),
            Self::Empty => f.write_str("an empty file"),
            Self::Archive => f.write_str("an archive of object files"),
            Self::Text => f.write_str("text without a #! line"),
            Self::Unknown => f.write_str("some other file"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script_of(line: &str) -> (String, String) {
        match form(line.as_bytes()) {
            Form::Script {
                interpreter,
                argument,
            } => (interpreter, argument),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_script_names_its_interpreter_as_the_kernel_reads_it() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(script_of("#!/bin/sh\necho"), pair("/bin/sh", ""));
        assert_eq!(
            script_of("#! /usr/bin/env  -S go run\n"),
            pair("/usr/bin/env", "-S go run")
        );
        assert_eq!(script_of("#!/bin/sh\r\necho"), pair("/bin/sh\r", ""));
        assert_eq!(script_of("#!"), pair("", ""));
    }

    #[test]
    fn messages_repeat_little_of_what_a_script_says() {
        let line = format!("#!{}", "\u{1b}".repeat(250));
        let words = form(line.as_bytes()).to_string();
        assert!(words.len() < 400 && words.ends_with("…"), "{words}");
        assert_eq!(form(b"#!/bin/sh").to_string(), "a script for \"/bin/sh\"");
    }

    #[test]
    fn other_files_are_told_apart_by_their_first_bytes() {
        assert_eq!(form(b""), Form::Empty);
        assert_eq!(form(b"MZ\x90"), Form::Windows);
        assert_eq!(form(&[0xcf, 0xfa, 0xed, 0xfe, 7]), Form::Mac);
        assert_eq!(form(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61]), Form::Unknown);
        assert_eq!(form(b"\x7fELF"), Form::Unknown);
        assert_eq!(form(b"\0asm\x01\0\0\0"), Form::Wasm);
        assert_eq!(form(&[0, 0x80, 0x8a, 0x97, 0, 1]), Form::Plan9);
        assert_eq!(form(&[0, 0, 0x01, 0xeb, 0, 1]), Form::Plan9);
        assert_eq!(form(&[0x01, 0xf7].repeat(16)), Form::Aix);
        assert_eq!(form(&[0; 64]), Form::Unknown);
        assert_eq!(form(b"echo hello"), Form::Text);
        assert_eq!(form(b"\xef\xbb\xbf#!/bin/sh\n"), Form::Text);
        assert_eq!(form(b"caf\xc3"), Form::Text);
        assert_eq!(form(b"caf\xc3 x"), Form::Unknown);
        assert_eq!(form(b"a\0b"), Form::Unknown);
        assert_eq!(form(b"!<arch>\n__.PKGDEF"), Form::Archive);
    }
}
