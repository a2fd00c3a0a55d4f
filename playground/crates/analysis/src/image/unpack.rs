//! Compression, told by the first bytes: gzip, zstd, or none.

use super::error::ReadError;
use super::limits::MAX_WINDOW;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use std::error::Error;
use std::io::{self, BufReader, Cursor, Read};

/// Bytes that tell a format: a tar's magic ends at 263.
const HEAD: usize = 512;

/// The first bytes, and a reader that has them still to come.
pub(super) fn peek(mut reader: impl Read) -> io::Result<(Vec<u8>, impl Read)> {
    let mut head = Vec::with_capacity(HEAD);
    reader.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let whole = Cursor::new(head.clone()).chain(reader);
    Ok((head, whole))
}

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    /// An error for compressions that images do not use.
    pub(super) fn of(head: &[u8]) -> Result<Packing, ReadError> {
        match head {
            [0x1f, 0x8b, ..] => Ok(Packing::Gzip),
            // A frame, or one to be skipped, with which zstd:chunked may begin.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Packing::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Err(ReadError::Compression("xz")),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Err(ReadError::Compression("bzip2")),
            _ => Ok(Packing::Plain),
        }
    }
}

/// Whether these first bytes are a tar's.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// The bytes without their compression.
pub(super) fn unpacked<'a>(reader: impl Read + 'a, packing: Packing) -> Box<dyn Read + 'a> {
    match packing {
        Packing::Plain => Box::new(reader),
        Packing::Gzip => Box::new(Gzip(MultiGzDecoder::new(reader))),
        // It reads blocks of 128 KiB, but headers byte by byte.
        Packing::Zstd => Box::new(Zstd::new(BufReader::with_capacity(64 << 10, reader))),
    }
}

/// All members of a gzip stream, with its errors in our words.
struct Gzip<R>(MultiGzDecoder<R>);

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buf);
        read.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
                if !error.get_ref().is_some_and(|inner| inner.is::<ReadError>()) =>
            {
                ReadError::BadCompression("gzip").into()
            }
            _ => error,
        })
    }
}

/// What a zstd decoder says, in our words: whether the bytes ended, or are damaged. What the source
/// itself said stays within.
fn of_zstd(error: impl Error + Send + Sync + 'static) -> io::Error {
    let mut at: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(cause) = at {
        if let Some(read) = cause.downcast_ref::<io::Error>() {
            return match read.kind() {
                io::ErrorKind::UnexpectedEof => io::ErrorKind::UnexpectedEof.into(),
                _ => io::Error::new(io::ErrorKind::InvalidData, error),
            };
        }
        at = cause.source();
    }
    ReadError::BadCompression("zstd").into()
}

/// All frames of a zstd stream, one after another; those to be skipped are skipped.
///
/// A frame's window is held in memory: one beyond [`MAX_WINDOW`] is refused.
struct Zstd<R> {
    reader: BufReader<R>,
    decoder: FrameDecoder,
    within: bool,
}

impl<R: Read> Zstd<R> {
    fn new(reader: BufReader<R>) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW);
        Zstd {
            reader,
            decoder,
            within: false,
        }
    }

    /// Begins the next frame; `false` at the end of the stream.
    fn next_frame(&mut self) -> io::Result<bool> {
        use std::io::BufRead;
        loop {
            if self.reader.fill_buf()?.is_empty() {
                return Ok(false);
            }
            let skip = match self.decoder.reset(&mut self.reader) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => u64::from(length),
                Err(error) => return Err(of_zstd(error)),
            };
            let skipped = io::copy(&mut self.reader.by_ref().take(skip), &mut io::sink())?;
            if skipped < skip {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy::UptoBlocks;
        loop {
            if !self.within {
                if !self.next_frame()? {
                    return Ok(0);
                }
                self.within = true;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let read = self.decoder.decode_blocks(&mut self.reader, UptoBlocks(1));
                read.map_err(of_zstd)?;
            }
            let n = self.decoder.read(buf)?;
            if n > 0 || buf.is_empty() {
                return Ok(n);
            }
            // Engines hold a frame to the checksum behind it, where it has one.
            let told = self.decoder.get_checksum_from_data();
            if told.is_some() && told != self.decoder.get_calculated_checksum() {
                return Err(ReadError::BadCompression("zstd").into());
            }
            self.within = false;
        }
    }
}
