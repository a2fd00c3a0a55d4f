//! What somebody pointed at: a binary, an archive or a layout on disk, stdin, or an image that
//! the engine has. Works without the book's folder.

use super::{shutdown_signal, words};
use crate::app_state::EngineSession;
use analysis::image::{Compressed, Platform, Wanted};
use analysis::inspect::{Asked, Opened, SourceError, inspect, open};
use analysis::xray::{Name, SubjectKind};
use anyhow::{Context, bail};
use engine::EngineFacts;
use engine::inspect::{SMALL, inspect_image_for, unreadable};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use policy::UserError;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::oneshot;

/// Which of an archive's images, and whether to compress plain layers to see.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    pub(super) platform: Option<Platform>,
    pub(super) name: Option<String>,
    pub(super) compressed: Measure,
    pub(super) meant: Meant,
}

/// How a word is understood that could be a name or a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Meant {
    /// A path where one is there, else a name.
    #[default]
    Either,
    /// A path, whatever else has that name.
    Path,
}

/// What was read.
pub(super) struct Subject {
    pub(super) name: Name,
    pub(super) opened: Opened,
    /// The engine that has it; `None` where none was asked.
    pub(super) engine: Option<EngineFacts>,
}

/// When plain layers are compressed to see how small they become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Measure {
    /// Never.
    #[default]
    Never,
    /// Of images that are below 100 MB.
    Small,
    /// Always.
    Always,
}

impl Measure {
    fn of(self, bytes: Option<u64>) -> Compressed {
        let small = bytes.is_some_and(|bytes| bytes < SMALL);
        match self == Measure::Always || (self == Measure::Small && small) {
            true => Compressed::Measured,
            false => Compressed::AsStored,
        }
    }
}

/// From `--platform linux/arm64`.
pub(super) fn platform(text: Option<&str>) -> anyhow::Result<Option<Platform>> {
    let parse = |text: &str| {
        Platform::parse(text).with_context(|| {
            format!(
                "--platform {}: write it as linux/amd64 or linux/arm/v7",
                words::shown(text)
            )
        })
    };
    text.map(parse).transpose()
}

/// Reads what `subject` names; `None` where somebody asked to end.
pub(super) async fn read(
    subject: &str,
    choice: &Choice,
    data: Option<&Path>,
) -> anyhow::Result<Option<Subject>> {
    let bar = progress(subject);
    let end = shutdown_signal();
    let read = async {
        let (kind, opened) = match place(subject, choice.meant)? {
            Place::Stdin => stdin(choice).await?,
            Place::Disk(path) => on_disk(path, choice).await?,
            Place::Engine => return on_engine(subject, choice, data, &bar).await,
        };
        let name = subject.to_owned();
        Ok(Subject {
            name: Name { kind, name },
            opened,
            engine: None,
        })
    };
    let read = tokio::select! {
        read = read => read.map(Some),
        () = end => Ok(None),
    };
    bar.finish_and_clear();
    read
}

enum Place {
    Stdin,
    Disk(PathBuf),
    Engine,
}

/// A file that is there is meant, and a directory with an OCI layout; every other name is an
/// image's, unless it is written like a path.
fn place(subject: &str, meant: Meant) -> anyhow::Result<Place> {
    let path = Path::new(subject);
    if subject == "-" {
        return Ok(Place::Stdin);
    }
    let like_path = meant == Meant::Path || subject.starts_with(['.', '/', '~']);
    let is_there = path.exists() && !path.is_dir();
    let is_layout = path.is_dir() && (like_path || path.join("index.json").is_file());
    if is_there || is_layout {
        return Ok(Place::Disk(path.to_owned()));
    }
    if like_path || subject.ends_with(".tar") || subject.ends_with(".tgz") {
        bail!(
            "{} is not there\n  next: name an archive (`docker save -o image.tar IMAGE`), a binary, \
             or an image that the engine has",
            words::shown(subject)
        );
    }
    Ok(Place::Engine)
}

async fn on_disk(path: PathBuf, choice: &Choice) -> anyhow::Result<(SubjectKind, Opened)> {
    let bytes = path.is_file().then(|| path.metadata().ok()).flatten();
    let asked = Asked {
        wanted: choice.wanted(),
        compressed: choice.compressed.of(bytes.map(|of| of.len())),
    };
    let named = words::shown(&path.to_string_lossy()).into_owned();
    match aside(move || open(&path, &asked)).await? {
        Ok(opened @ Opened::Binary(_)) => Ok((SubjectKind::Binary, opened)),
        Ok(opened @ Opened::Image(_)) => Ok((SubjectKind::Archive, opened)),
        Err(SourceError::Image { error, .. }) => {
            let mut error = unreadable(&named, &error);
            if error.next.starts_with("`docker save") {
                error.next = format!("`tar -tvf {named}` shows what is in it");
            }
            Err(error.into())
        }
        Err(error) => bail!("{error}"),
    }
}

async fn stdin(choice: &Choice) -> anyhow::Result<(SubjectKind, Opened)> {
    if std::io::stdin().is_terminal() {
        bail!("nothing is piped in\n  next: docker save IMAGE | playground xray -");
    }
    let (wanted, compressed) = (choice.wanted(), choice.compressed.of(None));
    let read = aside(move || inspect(std::io::stdin().lock(), &wanted, compressed));
    match read.await? {
        Ok(inspection) => Ok((SubjectKind::Archive, Opened::Image(Box::new(inspection)))),
        Err(error) => {
            let mut error = unreadable("stdin", &error);
            if error.next.starts_with("`docker save") {
                error.next = "docker save IMAGE | playground xray -".into();
            }
            Err(error.into())
        }
    }
}

async fn on_engine(
    name: &str,
    choice: &Choice,
    data: Option<&Path>,
    bar: &ProgressBar,
) -> anyhow::Result<Subject> {
    if choice.name.is_some() {
        bail!(
            "--name chooses among the images of an archive, and {} is an image of the engine\n  \
             next: leave --name out",
            words::shown(name)
        );
    }
    let alone = EngineSession::find(data).await?;
    let facts = alone.engine().image(name).await.ok().flatten();
    let compressed = choice.compressed.of(facts.map(|facts| facts.size_bytes));
    let on_bytes = {
        let (bar, name) = (bar.clone(), words::shown(name).into_owned());
        move |bytes| bar.set_message(format!("reading {name} · {}", words::size(bytes)))
    };
    let platform = choice.platform.as_ref();
    let read = inspect_image_for(alone.engine(), name, platform, compressed, on_bytes, ()).await;
    let engine = alone.engine().facts().clone();
    alone.close().await;
    Ok(Subject {
        name: Name {
            kind: SubjectKind::Image,
            name: name.to_owned(),
        },
        opened: Opened::Image(Box::new(read?)),
        engine: Some(engine),
    })
}

impl Choice {
    fn wanted(&self) -> Wanted {
        Wanted {
            name: self.name.clone(),
            platform: self.platform.clone(),
        }
    }
}

/// Reads in a thread that nobody waits for when the process is asked to end.
async fn aside<T: Send + 'static>(
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, UserError> {
    let (done, read_it) = oneshot::channel();
    std::thread::spawn(move || drop(done.send(read())));
    read_it.await.map_err(|_| UserError {
        what: "The reading broke off.".into(),
        cause: "a mistake of ours".into(),
        next: "please report it, with the archive if it can be shared".into(),
    })
}

fn progress(subject: &str) -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_message(format!("reading {}", words::shown(subject)));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
