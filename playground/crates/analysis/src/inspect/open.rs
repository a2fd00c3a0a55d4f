//! What a path leads to: an archive, a directory with an OCI layout, or a single binary.

use super::file::{inspect, inspect_layout};
use super::inspection::Inspection;
use super::program::{HEAD, MAX_PROGRAM, Program};
use crate::binary::{Form, form};
use crate::image::{Compressed, ImageSelector, ReadError};
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Something on disk that can be inspected.
#[derive(Debug)]
pub enum Opened {
    /// An image in an archive or layout.
    Image(Box<Inspection>),
    /// An executable by itself.
    Binary(Arc<Program>),
}

/// Why a path could not be inspected, in words for people.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be opened or read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// The path as it was given.
        path: PathBuf,
        /// In the system's words.
        error: io::Error,
    },
    /// It opened, but the image in it could not be read.
    #[error("{path}: {error}")]
    Image {
        /// The path as it was given.
        path: PathBuf,
        /// What is wrong with it.
        error: ReadError,
    },
    /// An executable that is too large.
    #[error("{path} is an executable of {bytes} bytes; more than {} MiB are not read", MAX_PROGRAM >> 20)]
    LargeBinary {
        /// The path as it was given.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
    },
}

/// Opens what lies at `path`: by its first bytes, never by its name.
///
/// # Errors
/// Where it cannot be read, is no image, or is an executable larger than [`MAX_PROGRAM`]. One
/// that cannot be seen through is no error: [`Program::error`] tells why.
pub fn open(
    path: &Path,
    selector: &ImageSelector,
    compressed: Compressed,
) -> Result<Opened, OpenError> {
    if path.is_dir() {
        let layout = inspect_layout(path, selector, compressed);
        let layout = layout.map_err(|error| OpenError::Image {
            path: path.to_owned(),
            error,
        });
        return Ok(Opened::Image(Box::new(layout?)));
    }
    let file = File::open(path).map_err(|error| OpenError::Unreadable {
        path: path.to_owned(),
        error,
    });
    open_file(file?, path, selector, compressed)
}

/// The same of a file that is open already; `path` is what it is called.
///
/// # Errors
/// As [`open`].
pub fn open_file(
    mut file: File,
    path: &Path,
    selector: &ImageSelector,
    compressed: Compressed,
) -> Result<Opened, OpenError> {
    let unreadable = |error| OpenError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let image = |error| OpenError::Image {
        path: path.to_owned(),
        error,
    };
    let mut head = Vec::new();
    let begin = (&mut file).take(HEAD as u64).read_to_end(&mut head);
    begin.map_err(unreadable)?;
    let form = form(&head);
    let is_binary = matches!(form, Form::Elf(_)) || form.is_foreign();
    // Not rewound: `<(docker save x)` is a pipe.
    let mut file = Cursor::new(head).chain(file);
    if is_binary {
        let max = MAX_PROGRAM as u64;
        let mut whole = Vec::new();
        let bytes = file.get_ref().1.metadata().map_err(unreadable)?.len();
        if bytes <= max {
            whole.reserve_exact(bytes as usize + 1);
            let all = (&mut file).take(max + 1).read_to_end(&mut whole);
            all.map_err(unreadable)?;
        }
        let bytes = bytes.max(whole.len() as u64);
        return match bytes > max {
            true => Err(OpenError::LargeBinary {
                path: path.to_owned(),
                bytes,
            }),
            false => Ok(Opened::Binary(Arc::new(Program::of(&whole)))),
        };
    }
    let archive = inspect(file, selector, compressed);
    Ok(Opened::Image(Box::new(archive.map_err(image)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::testing::go_binary;
    use crate::image::testing::{Make, image_of, tar};
    use serde_json::json;
    use std::io::Write;
    use std::os::fd::AsRawFd;

    /// What a shell's `<(command)` is when the command writes these bytes.
    fn through_a_pipe(bytes: Vec<u8>) -> Result<Opened, OpenError> {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        let writing = std::thread::spawn(move || writer.write_all(&bytes));
        let opened = open(
            Path::new(&path),
            &ImageSelector::default(),
            Compressed::default(),
        );
        drop(reader);
        writing.join().expect("written").expect("read to its end");
        opened
    }

    /// Programs for other systems are no ELF files; what Go says of itself is the same in all.
    #[test]
    fn go_is_known_in_programs_for_other_systems() {
        let app = go_binary("go1.23-amd64-symbols");
        let at = memchr::memmem::find(&app, b"\xff Go buildinf:").expect("there");
        for begin in [
            &b"MZ"[..],
            b"\xcf\xfa\xed\xfe",
            b"\0asm",
            b"\0\x80\x8a\x97\0\0",
        ] {
            // In WebAssembly nothing is aligned.
            let mut bytes = begin.to_vec();
            bytes.resize(301, 0);
            bytes.extend(&app[at..]);
            let Ok(Opened::Binary(program)) = through_a_pipe(bytes) else {
                panic!("{begin:?} is no program");
            };
            let build = program.build().expect("build info");
            assert_eq!(build.go_version, "go1.23.9");
            assert!(build.setting("GOARCH").is_some());
            let why = program.go.as_ref().and_then(|go| go.error.as_ref());
            assert!(why.is_some_and(|why| why.to_string().contains("Linux alone")));
            let Ok(Opened::Binary(bare)) = through_a_pipe(begin.repeat(99)) else {
                panic!("{begin:?} is no program");
            };
            assert!(bare.go.is_none());
        }
    }

    #[test]
    fn what_a_command_writes_to_a_pipe_is_read_like_a_file() {
        let app = go_binary("go1.23-amd64-symbols");
        let layer = tar(&[Make::Mode("app", 0o755, &app)]);
        let archive = image_of("amd64", &json!({ "Cmd": ["/app"] }), &[layer]);
        let Ok(Opened::Image(inspection)) = through_a_pipe(archive) else {
            panic!("no image");
        };
        assert_eq!(inspection.image.layers.len(), 1);
        let Ok(Opened::Binary(program)) = through_a_pipe(app.clone()) else {
            panic!("no binary");
        };
        assert_eq!(program.bytes, app.len() as u64);
        assert!(program.error.is_none() && program.build().is_some());
    }
}
