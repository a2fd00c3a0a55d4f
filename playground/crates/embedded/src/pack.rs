//! The book's files as one archive that depends on nothing but their names and bytes.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What a program needs of a checkout, to render the book and to run what is in it.
pub const CONTENT: [&str; 10] = [
    "book.toml",
    "book/claims.toml",
    "book/cues.toml",
    "book/fragments.toml",
    "book/labs",
    "book/likeness.tsv",
    "book/recorded",
    "book/src",
    "book/theme",
    "exercises",
];

/// What file managers leave in folders that somebody has looked into.
pub(crate) const LITTER: &str = ".DS_Store";

/// The best that zstd does at reasonable cost; once for each release.
const LEVEL: i32 = 19;

/// Packs [`CONTENT`] of the checkout `root` as a tar under zstd. Times and owners are left out,
/// and files come by name: equal files make equal bytes.
///
/// # Errors
/// A part is missing or cannot be read, or something lies there that is no plain file.
pub fn pack(root: &Path) -> io::Result<Vec<u8>> {
    let mut files = Vec::new();
    for part in CONTENT {
        list(root, Path::new(part), &mut files)?;
    }
    files.sort();
    let mut archive = tar::Builder::new(zstd::Encoder::new(Vec::new(), LEVEL)?);
    for name in files {
        let content = fs::read(root.join(&name))?;
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(mode(&root.join(&name))?);
        header.set_cksum();
        archive.append_data(&mut header, &name, content.as_slice())?;
    }
    archive.into_inner()?.finish()
}

fn list(root: &Path, below: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let path = root.join(below);
    let told =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let kind = fs::symlink_metadata(&path).map_err(told)?.file_type();
    if kind.is_file() {
        files.push(below.to_owned());
    } else if kind.is_dir() {
        for entry in fs::read_dir(&path).map_err(told)? {
            let name = entry?.file_name();
            if name != LITTER {
                list(root, &below.join(name), files)?;
            }
        }
    } else {
        return Err(told(io::Error::other("neither a file nor a folder")));
    }
    Ok(())
}

/// 0755 for what can be executed, 0644 for the rest: other bits are the checkout's own.
fn mode(path: &Path) -> io::Result<u32> {
    let executable = fs::metadata(path)?.permissions().mode() & 0o100 != 0;
    Ok(if executable { 0o755 } else { 0o644 })
}
