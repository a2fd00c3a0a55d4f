//! Looks at each file of an image while it passes by, and keeps facts within bounds.

use super::heap_size::heap_bytes;
use super::inspection::{FileFacts, Inspection};
use super::program::{HEAD, MAX_PROGRAM, Program, ProgramError};
use super::script;
use crate::binary::{Form, form};
use crate::image::limits::MAX_PROGRAM_FACTS;
use crate::image::notes::NoteTaker;
use crate::image::{Compressed, EntryContent, ImageSelector, ReadError, read_archive, read_layout};
use std::hash::Hasher;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use twox_hash::XxHash3_64;

/// Reads the image that `selector` means from a stream, as [`read_archive`] does.
///
/// # Errors
/// As [`read_archive`]; and where more would be kept than
/// [`limits`](crate::image::limits) allow.
pub fn inspect(
    stream: impl Read,
    selector: &ImageSelector,
    compressed: Compressed,
) -> Result<Inspection, ReadError> {
    let mut inspector = FileInspector::default();
    let visit = |file: &mut EntryContent<'_>| inspector.inspect(file);
    let (image, seen) = read_archive(stream, selector, compressed, visit)?;
    Ok(Inspection { image, seen })
}

/// The same of an OCI layout in a directory.
pub(super) fn inspect_layout(
    directory: &Path,
    selector: &ImageSelector,
    compressed: Compressed,
) -> Result<Inspection, ReadError> {
    let mut inspector = FileInspector::default();
    let visit = |file: &mut EntryContent<'_>| inspector.inspect(file);
    let (image, seen) = read_layout(directory, selector, compressed, visit)?;
    Ok(Inspection { image, seen })
}

/// Turns files into facts, all of an image within [`MAX_PROGRAM_FACTS`] and the notes' own bound.
#[derive(Default)]
struct FileInspector {
    notes: NoteTaker,
    /// Bytes of facts about executables so far.
    program_bytes: u64,
}

impl FileInspector {
    fn inspect(&mut self, content: &mut EntryContent<'_>) -> io::Result<Option<FileFacts>> {
        let note = self.notes.note(content)?;
        let program = self.program(content)?;
        let mut hash = XxHash3_64::new();
        content.pieces(|piece| hash.write(piece))?;
        Ok(Some(FileFacts {
            fingerprint: hash.finish(),
            note: note.map(Box::new),
            program: program.map(Arc::new),
        }))
    }

    fn program(&mut self, content: &mut EntryContent<'_>) -> io::Result<Option<Program>> {
        let program = program(content)?;
        self.program_bytes += program.as_ref().map_or(0, heap_bytes);
        match self.program_bytes > MAX_PROGRAM_FACTS {
            true => Err(ReadError::ManyFacts.into()),
            false => Ok(program),
        }
    }
}

/// `None` for what nobody would execute or load.
fn program(content: &mut EntryContent<'_>) -> io::Result<Option<Program>> {
    let entry = content.entry();
    let library = entry.path.ends_with(".so") || entry.path.contains(".so.");
    if entry.mode & 0o111 == 0 && !library {
        return Ok(None);
    }
    let by_head = Program::by_head(content.prefix(HEAD)?, entry.size);
    let form = form(content.prefix(HEAD)?);
    Ok(Some(match form {
        _ if form.is_foreign() || matches!(form, Form::Elf(_)) => {
            match content.whole(MAX_PROGRAM)? {
                Some(bytes) => Program::of(bytes),
                None => Program {
                    error: Some(ProgramError::TooLarge),
                    ..by_head
                },
            }
        }
        Form::Script { .. } => {
            let (hands_over, commands) = script::ends(content)?;
            Program {
                hands_over,
                commands: commands.map(Box::new),
                ..by_head
            }
        }
        _ => by_head,
    }))
}
