//! A tar's entries, one after another, as Go's `archive/tar` (`Reader.Next`) hands them to an
//! engine: which extension headers count, where content ends, what of it are holes.

use super::error::ReadError;
use super::header::{BLOCK, Block, Format, Header, number, refused, size, text};
use super::limits::{MAX_ENTRIES, MAX_EXTENSION};
use super::pax::{Records, SPARSE_MAP, decimal};
use std::io::{self, Read};

/// What the extension headers before an entry said.
#[derive(Default)]
struct Extensions {
    /// PAX records, unread.
    pax: Vec<u8>,
    long_name: Vec<u8>,
    long_link: Vec<u8>,
}

/// A piece of a sparse file that is stored.
type Piece = (u64, u64);

/// Calls `on` for every entry of a tar, with a reader of its content.
pub(super) fn entries<R: Read>(
    mut tar: R,
    mut on: impl FnMut(&Header, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let mut said = Extensions::default();
    let mut described: u64 = 0;
    let mut count = 0;
    while let Some(mut block) = next_block(&mut tar)? {
        let mut header = Header::of(&block)?;
        match header.kind {
            b'x' | b'L' | b'K' => {
                let bytes = special(&mut tar, header.size, &mut described)?;
                match header.kind {
                    b'x' => said.pax = bytes,
                    b'L' => said.long_name = text(&bytes).to_vec(),
                    _ => said.long_link = text(&bytes).to_vec(),
                }
                continue;
            }
            // Go hands it out as an entry of its own, and engines leave it alone.
            b'g' => {
                Records::of(&special(&mut tar, header.size, &mut described)?)?;
                said = Extensions::default();
                continue;
            }
            _ => {}
        }
        count += 1;
        if count > MAX_ENTRIES {
            return Err(ReadError::ManyEntries.into());
        }
        described = 0;
        let said = std::mem::take(&mut said);
        let records = Records::of(&said.pax)?;
        extend(&mut header, &said, &records)?;
        let mut physical = match header.has_content() {
            true => header.size,
            false => 0,
        };
        let padding = physical.wrapping_neg() % BLOCK as u64;
        let pieces = match header.kind {
            b'S' => Some(old_sparse(&mut header, &mut block, &mut tar)?),
            _ => pax_sparse(&mut header, &records, &mut tar, &mut physical)?,
        };
        if let Some(pieces) = &pieces {
            if !header.has_content() {
                return Err(refused("a sparse file is no file"));
            }
            in_order(pieces, header.size, physical)?;
            header.sparse = true;
        }
        let mut content = Content {
            reader: &mut tar,
            physical,
            at: 0,
            size: if header.has_content() { header.size } else { 0 },
            pieces: pieces.map(Vec::into_iter),
            next: None,
        };
        on(&header, &mut content)?;
        let rest = content.physical + padding;
        skip(&mut tar, rest)?;
    }
    Ok(())
}

/// The next header's block; `None` at the end, which two blocks of zeros or the end of all bytes
/// mark.
fn next_block(tar: &mut impl Read) -> io::Result<Option<Block>> {
    let mut zeros = 0;
    loop {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match tar.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        match block.iter().any(|byte| *byte != 0) {
            true if zeros > 0 => return Err(refused("an entry follows a block of zeros")),
            true => return Ok(Some(block)),
            false if zeros > 0 => return Ok(None),
            false => zeros += 1,
        }
    }
}

/// The content of an extension header, which is held.
fn special(tar: &mut impl Read, size: u64, described: &mut u64) -> io::Result<Vec<u8>> {
    *described = described.saturating_add(size).saturating_add(BLOCK as u64);
    if *described > MAX_EXTENSION {
        return Err(ReadError::LongDescription.into());
    }
    let mut bytes = Vec::new();
    tar.by_ref().take(size).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < size {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    skip(tar, size.wrapping_neg() % BLOCK as u64)?;
    Ok(bytes)
}

fn skip(tar: &mut impl Read, bytes: u64) -> io::Result<()> {
    match io::copy(&mut tar.take(bytes), &mut io::sink())? == bytes {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// What extension headers say counts for more than the header itself.
fn extend(header: &mut Header, said: &Extensions, records: &Records<'_>) -> io::Result<()> {
    if let Some(path) = records.get(b"path") {
        header.name = path.to_vec();
    }
    if let Some(link) = records.get(b"linkpath") {
        header.link = link.to_vec();
    }
    if let Some(uid) = records.number(b"uid")? {
        header.uid = super::header::id(uid);
    }
    if let Some(gid) = records.number(b"gid")? {
        header.gid = super::header::id(gid);
    }
    if let Some(bytes) = records.number(b"size")? {
        header.size = size(bytes)?;
    }
    let capability = records.get(b"SCHILY.xattr.security.capability");
    header.capability = capability.map(<[u8]>::to_vec);
    if !said.long_name.is_empty() {
        header.name.clone_from(&said.long_name);
    }
    if !said.long_link.is_empty() {
        header.link.clone_from(&said.long_link);
    }
    // Before POSIX, a directory was a file whose name ends in a slash.
    if header.kind == 0 {
        header.kind = match header.name.ends_with(b"/") {
            true => b'5',
            false => b'0',
        };
    }
    Ok(())
}

/// GNU's own form: the pieces stand in the header, and in blocks behind it.
fn old_sparse(
    header: &mut Header,
    block: &mut Block,
    tar: &mut impl Read,
) -> io::Result<Vec<Piece>> {
    if Format::of(block)? != Format::Gnu {
        return Err(refused("a sparse file's header is not GNU's"));
    }
    header.size = size(number(&block[483..495])?)?;
    let mut pieces = Vec::new();
    let (mut from, mut count) = (386, 4);
    let mut read: u64 = 0;
    loop {
        for piece in block[from..from + count * 24].chunks_exact(24) {
            if piece[0] == 0 {
                break;
            }
            pieces.push((size(number(&piece[..12])?)?, size(number(&piece[12..])?)?));
        }
        if block[from + count * 24] == 0 {
            return Ok(pieces);
        }
        read += BLOCK as u64;
        if read > MAX_EXTENSION {
            return Err(ReadError::LongDescription.into());
        }
        tar.read_exact(block)?;
        (from, count) = (0, 21);
    }
}

/// PAX's three forms; `None` for what is no sparse file. `physical` are the bytes of its content
/// that are still to come.
fn pax_sparse(
    header: &mut Header,
    records: &Records<'_>,
    tar: &mut impl Read,
    physical: &mut u64,
) -> io::Result<Option<Vec<Piece>>> {
    let version = [&b"GNU.sparse.major"[..], b"GNU.sparse.minor"].map(|key| records.get(key));
    let first = match version {
        [Some(b"0"), Some(b"0" | b"1")] => false,
        [Some(b"1"), Some(b"0")] => true,
        [None, None] if records.get(SPARSE_MAP).is_some() => false,
        _ => return Ok(None),
    };
    if let Some(name) = records.get(b"GNU.sparse.name") {
        header.name = name.to_vec();
    }
    let real = records.number(b"GNU.sparse.size")?;
    let real = real.map_or_else(
        || records.number(b"GNU.sparse.realsize"),
        |size| Ok(Some(size)),
    )?;
    if let Some(real) = real {
        header.size = size(real)?;
    }
    let numbers = match first {
        true => first_numbers(tar, physical)?,
        false => zeroth_numbers(records)?,
    };
    Ok(Some(
        numbers
            .chunks_exact(2)
            .map(|pair| (pair[0], pair[1]))
            .collect(),
    ))
}

/// Versions 0.0 and 0.1: the numbers are a record.
fn zeroth_numbers(records: &Records<'_>) -> io::Result<Vec<u64>> {
    let count = records.number(b"GNU.sparse.numblocks")?;
    let count = count.ok_or_else(|| refused("a sparse file does not say its pieces"))?;
    let map = records.get(SPARSE_MAP).unwrap_or_default();
    let numbers = map.split(|byte| *byte == b',').filter(|_| !map.is_empty());
    let numbers: Vec<u64> = numbers
        .map(|one| size(decimal(one)?))
        .collect::<Result<_, _>>()?;
    match size(count)?.checked_mul(2) == Some(numbers.len() as u64) {
        true => Ok(numbers),
        false => Err(refused(
            "a sparse file has another number of pieces than it says",
        )),
    }
}

/// Version 1.0: the numbers are lines at the beginning of its content, up to a whole block.
fn first_numbers(tar: &mut impl Read, physical: &mut u64) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    let mut line = Vec::new();
    let mut wanted = None;
    let mut read: u64 = 0;
    while wanted.is_none_or(|wanted| (numbers.len() as u64) < wanted) {
        if *physical < BLOCK as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        read += BLOCK as u64;
        if read > MAX_EXTENSION {
            return Err(ReadError::LongDescription.into());
        }
        let mut block = [0; BLOCK];
        tar.read_exact(&mut block)?;
        *physical -= BLOCK as u64;
        for byte in block {
            if byte != b'\n' {
                line.push(byte);
                continue;
            }
            let number = size(decimal(&std::mem::take(&mut line))?)?;
            match wanted {
                None => wanted = number.checked_mul(2),
                Some(wanted) if (numbers.len() as u64) < wanted => numbers.push(number),
                Some(_) => break,
            }
            if wanted.is_none() {
                return Err(refused("a sparse file has more pieces than can be"));
            }
        }
    }
    Ok(numbers)
}

/// Pieces lie one behind the other, within the file, and are all that is stored.
fn in_order(pieces: &[Piece], size: u64, physical: u64) -> io::Result<()> {
    let (mut end, mut stored) = (0, 0);
    for (from, length) in pieces {
        let to = from.checked_add(*length).filter(|to| *to <= size);
        match to {
            Some(to) if *from >= end => (end, stored) = (to, stored + length),
            _ => {
                return Err(refused(
                    "a sparse file's pieces overlap or lie outside of it",
                ));
            }
        }
    }
    match stored == physical {
        true => Ok(()),
        false => Err(refused(
            "a sparse file's pieces are not what is stored of it",
        )),
    }
}

/// An entry's content: what is stored, with zeros for what is not.
struct Content<'a, R> {
    reader: &'a mut R,
    /// Stored bytes that are still to come.
    physical: u64,
    at: u64,
    size: u64,
    /// Of a sparse file, the pieces that are still to come.
    pieces: Option<std::vec::IntoIter<Piece>>,
    next: Option<Piece>,
}

impl<R: Read> Content<'_, R> {
    /// How many bytes come next, and whether they are stored.
    fn run(&mut self) -> (u64, bool) {
        let Some(pieces) = &mut self.pieces else {
            return (self.size - self.at, true);
        };
        loop {
            match self.next {
                Some((from, _)) if self.at < from => return (from - self.at, false),
                Some((from, length)) if self.at < from + length => {
                    return (from + length - self.at, true);
                }
                _ => {}
            }
            self.next = pieces.next();
            if self.next.is_none() {
                return (self.size - self.at, false);
            }
        }
    }
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let (left, stored) = self.run();
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        if most == 0 {
            return Ok(0);
        }
        let n = match stored {
            true => {
                let n = self.reader.read(&mut buf[..most])?;
                if n == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                self.physical -= n as u64;
                n
            }
            false => {
                buf[..most].fill(0);
                most
            }
        };
        self.at += n as u64;
        Ok(n)
    }
}
