//! Small build contexts, put together in memory.

use std::io;

/// A context as a tar, of files given by path, mode (`0o644`) and content. They carry no date:
/// equal files make equal contexts, which builders know again.
///
/// # Errors
///
/// A path is longer than a tar can say.
pub fn build_context<'a>(
    files: impl IntoIterator<Item = (&'a str, u32, &'a [u8])>,
) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, mode, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, path, content)?;
    }
    tar.into_inner()
}
