//! Layers out of noise: few names, so that entries meet each other, in every way that a tar can say.
//!
//! The same bytes make the same layers, so that a fuzzer can steer, and a failure can be met again.

use super::{Make, tar};

/// Entries of an image at most.
const MAX_STEPS: usize = 64;
/// Layers of an image at most.
const MAX_LAYERS: usize = 6;
/// Names of directories; one of them may be a file's, too.
const DIRECTORIES: [&str; 2] = ["a", "b"];
const FILES: [&str; 4] = ["a", "x", "y", "z"];
const MODES: [u32; 4] = [0o644, 0o755, 0o600, 0o4755];
/// What symbolic links of layers say.
const TARGETS: [&str; 5] = ["a", "/b", "../c", "a/b", "nowhere"];

/// An entry of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Path, mode, bytes of its content: no two files of an image have as many.
    File(String, u32, usize),
    /// Path, mode.
    Dir(String, u32),
    /// Path, and where it points.
    Link(String, String),
    /// Path, mode in its header, and the file that it names.
    Hard(String, u32, String),
    /// Hides what lower layers have at this path.
    Whiteout(String),
    /// Hides what lower layers have in this directory.
    Opaque(String),
}

/// The layers that some noise means, from the base up; always at least one.
pub fn layers(noise: &[u8]) -> Vec<Vec<Step>> {
    let mut dice = Dice(noise.iter());
    let mut layers = vec![Vec::new()];
    for count in 1..=MAX_STEPS {
        let Some(kind) = dice.throw() else {
            break;
        };
        let made = layers.last().map_or(&[][..], Vec::as_slice);
        let step = match kind % 14 {
            0..=3 => Step::File(dice.path(&FILES), dice.mode(), count),
            4 | 5 => Step::Dir(dice.path(&DIRECTORIES), dice.mode() | 0o111),
            6 => Step::Link(dice.path(&FILES), dice.of(&TARGETS).to_owned()),
            7 | 8 => Step::Hard(dice.path(&FILES), dice.mode(), dice.target(made)),
            9 | 10 => Step::Whiteout(dice.path(&FILES)),
            11 => Step::Opaque(dice.path(&DIRECTORIES)),
            _ if layers.len() < MAX_LAYERS => {
                layers.push(Vec::new());
                continue;
            }
            _ => continue,
        };
        layers.last_mut().expect("one").push(step);
    }
    layers
}

struct Dice<'a>(std::slice::Iter<'a, u8>);

impl Dice<'_> {
    fn throw(&mut self) -> Option<usize> {
        self.0.next().map(|byte| usize::from(*byte))
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.throw().unwrap_or(0) % choices.len()]
    }

    fn mode(&mut self) -> u32 {
        MODES[self.throw().unwrap_or(0) % MODES.len()]
    }

    /// Up to two directories and one of these names, out of one byte.
    fn path(&mut self, names: &[&str]) -> String {
        let byte = self.throw().unwrap_or(0);
        let (depth, mut rest) = (byte % 3, byte / 3);
        let mut parts = Vec::new();
        for _ in 0..depth {
            parts.push(DIRECTORIES[rest % 2]);
            rest /= 2;
        }
        parts.push(names[rest % names.len()]);
        parts.join("/")
    }

    /// Mostly a file that its layer has.
    fn target(&mut self, made: &[Step]) -> String {
        let files = made.iter().filter_map(|step| match step {
            Step::File(path, ..) => Some(path),
            _ => None,
        });
        let files: Vec<_> = files.collect();
        match self.throw().unwrap_or(0) {
            n if n % 8 > 0 && !files.is_empty() => files[n / 8 % files.len()].clone(),
            _ => self.path(&FILES),
        }
    }
}

/// A layer's tar.
pub fn tar_of_steps(steps: &[Step]) -> Vec<u8> {
    let mark = |path: &str| match path.rsplit_once('/') {
        Some((directory, name)) => format!("{directory}/.wh.{name}"),
        None => format!(".wh.{path}"),
    };
    let marks: Vec<String> = steps
        .iter()
        .map(|step| match step {
            Step::Whiteout(path) => mark(path),
            Step::Opaque(path) => format!("{path}/.wh..wh..opq"),
            _ => String::new(),
        })
        .collect();
    let most = steps.iter().map(|step| match step {
        Step::File(_, _, bytes) => *bytes,
        _ => 0,
    });
    let content = vec![b'x'; most.max().unwrap_or(0)];
    let made = steps.iter().zip(&marks).map(|(step, mark)| match step {
        Step::File(path, mode, bytes) => Make::Mode(path, *mode, &content[..*bytes]),
        Step::Dir(path, mode) => Make::DirMode(path, *mode),
        Step::Link(path, target) => Make::Link(path, target),
        Step::Hard(path, mode, target) => Make::HardMode(path, *mode, target),
        Step::Whiteout(_) | Step::Opaque(_) => Make::File(mark, b""),
    });
    tar(&made.collect::<Vec<_>>())
}
