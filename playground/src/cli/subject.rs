//! What somebody pointed at: a binary, an archive or a layout on disk, stdin, or an image that
//! the engine has. Works without the book's folder.

use super::{fifo, unless_stopped, words};
use crate::app_state::EngineSession;
use analysis::image::{Compressed, ImageSelector, Platform, ReadError};
use analysis::inspect::{OpenError, Opened, inspect, open, open_file};
use analysis::subject::{SubjectKind, SubjectName};
use anyhow::{Context, bail};
use engine::{EngineFacts, ImageReadError, SMALL, Transfer, unreadable};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use policy::UserError;
use std::fs::File;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::oneshot::{self, error::RecvError};

/// Which of an archive's images, and whether to compress plain layers to see.
pub(super) struct Choice {
    pub(super) platform: Option<Platform>,
    pub(super) name: Option<String>,
    pub(super) compressed: Measure,
    /// A word that could be a name or a path is a path, whatever else has that name.
    pub(super) is_path: bool,
    /// It is for two subjects: what fits only one of them is no mistake.
    pub(super) for_two: bool,
    /// What is asked, for what to type next: `xray`.
    pub(super) command: &'static str,
}

/// What was read.
pub(super) struct Subject {
    pub(super) name: SubjectName,
    pub(super) opened: Opened,
    /// The engine that has it; `None` where none was asked.
    pub(super) engine: Option<EngineFacts>,
}

/// When plain layers are compressed to see how small they become.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Never.
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
        let shown = words::shown(text);
        Platform::parse(text)
            .with_context(|| format!("--platform {shown}: write it as linux/amd64 or linux/arm/v7"))
    };
    text.map(parse).transpose()
}

/// Reads what `subject` names; `None` where somebody asked to end.
pub(super) async fn read_subject(
    subject: &str,
    choice: &Choice,
    data: Option<&Path>,
) -> anyhow::Result<Option<Subject>> {
    let bar = progress(subject);
    let read = async {
        let (kind, opened) = match Source::of(subject, choice.is_path)? {
            Source::Stdin => read_stdin(choice).await?,
            Source::Disk(path) => read_disk(path, choice).await?,
            Source::Engine => return read_engine(subject, choice, data, &bar).await,
        };
        let name = subject.to_owned();
        Ok(Subject {
            name: SubjectName { kind, name },
            opened,
            engine: None,
        })
    };
    let read = unless_stopped(read).await;
    bar.finish_and_clear();
    read.transpose()
}

/// Whether a word names a file or stdin rather than an engine's image; what is written like a path
/// and is not there does.
pub(super) fn names_a_file(subject: &str, is_path: bool) -> bool {
    !matches!(Source::of(subject, is_path), Ok(Source::Engine))
}

/// Where a subject is read from.
enum Source {
    Stdin,
    Disk(PathBuf),
    Engine,
}

impl Source {
    /// A file that is there is meant, and a directory with an OCI layout; every other name is
    /// an image's, unless it is written like a path.
    fn of(subject: &str, is_path: bool) -> anyhow::Result<Source> {
        let path = Path::new(subject);
        if subject == "-" {
            return Ok(Source::Stdin);
        }
        let like_path = is_path || subject.starts_with(['.', '/', '~']);
        let is_there = path.exists() && !path.is_dir();
        let is_layout = path.is_dir() && (like_path || path.join("index.json").is_file());
        if is_there || is_layout {
            return Ok(Source::Disk(path.to_owned()));
        }
        if path.is_symlink() && !path.exists() {
            bail!(
                "{} is a link to what is not there\n  next: `readlink` with its name says where it leads",
                words::shown(subject)
            );
        }
        if like_path || subject.ends_with(".tar") || subject.ends_with(".tgz") {
            bail!(
                "{} is not there\n  next: name an archive (`docker save -o image.tar IMAGE`), a binary, \
             or an image that the engine has",
                words::shown(subject)
            );
        }
        Ok(Source::Engine)
    }
}

async fn read_disk(path: PathBuf, choice: &Choice) -> anyhow::Result<(SubjectKind, Opened)> {
    let bytes = path.is_file().then(|| path.metadata().ok()).flatten();
    let selector = choice.selector();
    let compressed = choice.compressed.of(bytes.map(|of| of.len()));
    let named = words::shown(&path.to_string_lossy()).into_owned();
    let is_directory = path.is_dir();
    let read = match fifo::is_fifo(&path) {
        true => {
            let file = open_fifo(&path, &named).await?;
            in_abandonable_thread(&named, move || {
                open_file(file, &path, &selector, compressed)
            })
            .await?
        }
        false => in_abandonable_thread(&named, move || open(&path, &selector, compressed)).await?,
    };
    match read {
        Ok(Opened::Binary(_))
            if !choice.for_two && (choice.platform.is_some() || choice.name.is_some()) =>
        {
            bail!(
                "{named} is a single program: --platform and --name choose among the images of an \
             archive\n  next: leave them out"
            )
        }
        Ok(opened @ Opened::Binary(_)) => Ok((SubjectKind::Binary, opened)),
        Ok(opened @ Opened::Image(_)) => Ok((SubjectKind::Archive, opened)),
        Err(OpenError::Image { error, .. }) => Err(error
            .user_error(&named, &listed(&named, is_directory))
            .into()),
        Err(OpenError::Unreadable { error, .. }) => Err(UserError {
            what: format!("{named} cannot be read: {error}"),
            cause: "it is a device, a socket or another user's, or its disk fails".into(),
            next: format!("`ls -l {named}` says what it is, and whose"),
        }
        .into()),
        Err(error @ OpenError::LargeBinary { .. }) => Err(UserError {
            what: words::shown(&error.to_string()).into_owned(),
            cause: "it carries data along, such as an embedded archive".into(),
            next: format!("`readelf -lS {named}` reads headers alone"),
        }
        .into()),
    }
}

/// What shows what is in an archive or a layout.
fn listed(named: &str, is_directory: bool) -> String {
    match is_directory {
        true => format!("`cat {named}/index.json` shows what the layout says of itself"),
        false => format!("`tar -tvf {named}` shows what is in it"),
    }
}

/// For people: why an image could not be merged once it was read.
pub(super) fn unmerged(name: &SubjectName, error: &ReadError) -> UserError {
    match (name.kind, name.name.as_str()) {
        (SubjectKind::Image, image) => unreadable(image, error),
        (_, "-") => error.user_error("stdin", "`docker save IMAGE | tar -tv` shows what is in it"),
        (_, path) => {
            let named = words::shown(path).into_owned();
            error.user_error(&named, &listed(&named, Path::new(path).is_dir()))
        }
    }
}

/// Opened for reading, a FIFO waits for a writer.
async fn open_fifo(path: &Path, named: &str) -> anyhow::Result<File> {
    let path = path.to_owned();
    let opened = fifo::awaited(
        named,
        in_abandonable_thread(named, move || File::open(path)),
    );
    opened
        .await?
        .with_context(|| format!("{named} cannot be read"))
}

async fn read_stdin(choice: &Choice) -> anyhow::Result<(SubjectKind, Opened)> {
    if std::io::stdin().is_terminal() {
        bail!(
            "nothing is piped in\n  next: docker save IMAGE | playground {} -",
            choice.command
        );
    }
    let (selector, compressed) = (choice.selector(), choice.compressed.of(None));
    let read = in_abandonable_thread("stdin", move || {
        inspect(std::io::stdin().lock(), &selector, compressed)
    });
    match read.await? {
        Ok(inspection) => Ok((SubjectKind::Archive, Opened::Image(Box::new(inspection)))),
        Err(error) => {
            let next = format!("docker save IMAGE | playground {} -", choice.command);
            Err(error.user_error("stdin", &next).into())
        }
    }
}

async fn read_engine(
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
    let session = EngineSession::find(data).await?;
    let facts = session.engine().image(name).await.ok().flatten();
    let compressed = choice.compressed.of(facts.map(|facts| facts.size_bytes));
    let on_bytes = {
        let (bar, name) = (bar.clone(), words::shown(name).into_owned());
        move |bytes| bar.set_message(format!("reading {name} · {}", words::size(bytes)))
    };
    let platform = choice.platform.as_ref();
    let transfer = Transfer {
        on_bytes,
        max_bytes: u64::MAX,
        held: (),
    };
    let engine = session.engine();
    let inspected = engine.inspect_image(name, platform, compressed, transfer);
    let inspected = inspected.await.map_err(|error| error.user_error(name));
    let engine = engine.facts().clone();
    session.close().await;
    Ok(Subject {
        name: SubjectName {
            kind: SubjectKind::Image,
            name: name.to_owned(),
        },
        opened: Opened::Image(Box::new(inspected?)),
        engine: Some(engine),
    })
}

impl Choice {
    fn selector(&self) -> ImageSelector {
        ImageSelector {
            name: self.name.clone(),
            platform: self.platform.clone(),
            ..ImageSelector::default()
        }
    }
}

/// Reads in a thread that is left alone, and ends with the process, when nobody waits any more.
pub(super) async fn in_abandonable_thread<T: Send + 'static>(
    name: &str,
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, UserError> {
    let (done, read_it) = oneshot::channel();
    std::thread::spawn(move || drop(done.send(read())));
    let broken_off = |error: RecvError| ImageReadError::BrokenOff(error.into()).user_error(name);
    read_it.await.map_err(broken_off)
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
