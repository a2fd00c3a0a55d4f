//! What somebody pointed at: an image that the engine has, an archive, a directory, a stream.
//!
//! Owns the choice between them, and reading with progress on stderr. Needs no book. Refuses to
//! know what is made of what was read.

use super::watch::mb;
use super::{Stopped, asked_to_end};
use crate::event::Trouble;
use crate::image::{Compressed, Platform};
use crate::inspect::{Asked, Opened, SourceError, inspect, open};
use crate::inspect_engine::{inspect_image_for, unreadable};
use crate::launch::Alone;
use crate::xray::SubjectKind;
use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where an image or a binary comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// An image on the engine, by name or id.
    Engine(String),
    /// An archive, an OCI layout's directory, a binary.
    Path(PathBuf),
    /// An archive on stdin.
    Stdin,
}

/// How a word is understood that could be a name or a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A path where there is something of that name that can be read, or where it looks like
    /// one; else a name.
    Likely,
    /// A path where any file is: a program is meant as often as an image.
    File,
    /// A path, whatever it looks like.
    Path,
}

impl Source {
    /// `-` is stdin. What looks like a name stays one if only a program or a folder of sources
    /// lies there under the same name, as in many a build directory.
    pub(super) fn of(word: &str, meaning: Meaning) -> Source {
        let path = Path::new(word);
        if word == "-" {
            Source::Stdin
        } else if meaning == Meaning::Path
            || is_written_as_path(word)
            || holds_image(path)
            || (meaning == Meaning::File && path.is_file())
        {
            Source::Path(path.to_owned())
        } else {
            Source::Engine(word.to_owned())
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Engine(name) => f.write_str(name),
            Source::Path(path) => path.display().fmt(f),
            Source::Stdin => f.write_str("stdin"),
        }
    }
}

/// Nobody would call an image so.
fn is_written_as_path(word: &str) -> bool {
    let ends = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".oci"];
    word.starts_with(['/', '.', '~']) || ends.iter().any(|end| word.ends_with(end))
}

/// Whether it is there, and neither a program nor just some folder.
fn holds_image(path: &Path) -> bool {
    if path.is_dir() {
        let documents = ["index.json", "manifest.json"];
        return documents.iter().any(|name| path.join(name).is_file());
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(512).read_to_end(&mut head));
    let compressed = [&[0x1f, 0x8b][..], &[0x28, 0xb5, 0x2f, 0xfd]];
    let tar = head.get(257..262) == Some(b"ustar");
    read.is_ok() && (tar || compressed.iter().any(|magic| head.starts_with(magic)))
}

/// What was read.
pub(super) struct Opening {
    /// The image or binary.
    pub(super) opened: Opened,
    /// What it is.
    pub(super) kind: SubjectKind,
    /// The engine's CPU as Go spells it; `None` where no engine was asked.
    pub(super) cpu: Option<String>,
}

/// Reads it whole; `data` is where a private engine may be.
///
/// Errors of ours are [`Trouble`], and bad arguments are not.
pub(super) async fn read(
    source: &Source,
    asked: Asked,
    data: Option<&Path>,
) -> anyhow::Result<Opening> {
    read_measuring(source, asked, 0, data).await
}

/// The same, but of what has fewer bytes than `below`, plain layers are compressed to see.
pub(super) async fn read_measuring(
    source: &Source,
    mut asked: Asked,
    below: u64,
    data: Option<&Path>,
) -> anyhow::Result<Opening> {
    let bar = spinner(&format!("reading {source}"));
    let read = match source {
        Source::Engine(name) => from_engine(name, asked, below, data, bar.clone()).await,
        Source::Path(path) => {
            let path = path.clone();
            if std::fs::metadata(&path).is_ok_and(|of| of.is_file() && of.len() < below) {
                asked.compressed = Compressed::Measured;
            }
            let opened = tokio::task::spawn_blocking(move || open(&path, &asked)).await?;
            let opened = opened.map_err(path_trouble)?;
            let kind = match opened {
                Opened::Image(_) => SubjectKind::Archive,
                Opened::Binary(_) => SubjectKind::Binary,
            };
            Ok(Opening {
                opened,
                kind,
                cpu: None,
            })
        }
        Source::Stdin => {
            if std::io::stdin().is_terminal() {
                bail!("stdin is the terminal\n  next: docker save IMAGE | playground … -");
            }
            let read = move || inspect(std::io::stdin().lock(), &asked.wanted, asked.compressed);
            let inspection = tokio::task::spawn_blocking(read).await?;
            let inspection = inspection.map_err(|error| Trouble {
                next: "docker save IMAGE | playground … -".into(),
                ..unreadable("stdin", &error)
            })?;
            Ok(Opening {
                opened: Opened::Image(Box::new(inspection)),
                kind: SubjectKind::Archive,
                cpu: None,
            })
        }
    };
    bar.finish_and_clear();
    read
}

async fn from_engine(
    name: &str,
    mut asked: Asked,
    below: u64,
    data: Option<&Path>,
    bar: ProgressBar,
) -> anyhow::Result<Opening> {
    if let Some(other) = asked.wanted.name {
        bail!("--name {other} chooses among the images of an archive; {name} is the engine's");
    }
    let end = asked_to_end();
    let title = format!("reading {name}");
    let reading = async {
        let alone = Alone::find(data).await?;
        let engine = alone.engine();
        // Where the engine has none, reading says so.
        let facts = engine.image(name).await.ok().flatten();
        if facts.is_some_and(|facts| facts.size_bytes < below) {
            asked.compressed = Compressed::Measured;
        }
        let platform: Option<&Platform> = asked.wanted.platform.as_ref();
        let progress = move |bytes| bar.set_message(format!("{title} · {}", mb(bytes)));
        let read = inspect_image_for(engine, name, platform, asked.compressed, progress).await;
        let cpu = engine.facts().arch.clone();
        alone.close().await;
        Ok::<_, Trouble>((read?, cpu))
    };
    let (inspection, cpu) = tokio::select! {
        read = reading => read?,
        () = end => return Err(Stopped.into()),
    };
    Ok(Opening {
        opened: Opened::Image(Box::new(inspection)),
        kind: SubjectKind::Image,
        cpu: Some(cpu).filter(|cpu| !cpu.is_empty()),
    })
}

fn path_trouble(error: SourceError) -> Trouble {
    match error {
        SourceError::Unreadable { path, error } => Trouble {
            what: format!("{} cannot be read: {error}", path.display()),
            cause: "there is no such file, or it belongs to another user".into(),
            next: "see what is there (`ls -l`); `docker save -o image.tar IMAGE` makes an archive"
                .into(),
        },
        SourceError::Image { path, error } => Trouble {
            next: "make it anew with `docker save -o image.tar IMAGE`".into(),
            ..unreadable(&path.display().to_string(), &error)
        },
        large @ SourceError::LargeBinary { .. } => Trouble {
            what: large.to_string(),
            cause: "it would have to be held in memory".into(),
            next: "strip it (`-ldflags=-s`), or look at it with `readelf -lS`".into(),
        },
    }
}

/// On a terminal something moves; elsewhere nothing is written.
fn spinner(title: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_message(title.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_path_only_where_it_looks_or_reads_like_one() -> std::io::Result<()> {
        let dir = tempfile::tempdir()?;
        let at = |name: &str| dir.path().join(name);
        let likely = |word: &str| Source::of(word, Meaning::Likely);
        for path in [
            "./app",
            "/srv/app",
            "../x",
            "image.tar",
            "a/b.tar.gz",
            "x.oci",
        ] {
            assert_eq!(likely(path), Source::Path(path.into()), "{path}");
        }
        for name in ["golang:1.23", "team/api", "h:5000/a/b:1", "0123456789ab"] {
            assert_eq!(likely(name), Source::Engine(name.into()), "{name}");
        }
        assert_eq!(likely("-"), Source::Stdin);
        assert_eq!(Source::of("api", Meaning::Path), Source::Path("api".into()));
        // Many a directory holds a program or a folder that is called as the image is.
        std::fs::write(at("api"), b"\x7fELF")?;
        std::fs::create_dir(at("web"))?;
        assert!(!holds_image(&at("api")) && !holds_image(&at("web")));
        std::fs::write(at("web/index.json"), "{}")?;
        std::fs::write(at("saved"), [0x1f, 0x8b, 8, 0])?;
        assert!(holds_image(&at("saved")) && holds_image(&at("web")));
        Ok(())
    }
}
