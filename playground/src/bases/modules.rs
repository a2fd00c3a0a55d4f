//! Go modules for builds without a network: an image that holds those of all labs and exercises,
//! seen by every `RUN` that stands on a Go base.
//!
//! The image is mounted where Go looks for its settings. They name the modules beside them as a
//! proxy; what is not there is fetched as ever. So nothing of it stays in what is built: no file,
//! no setting, no line of history. Debian packages that Dockerfiles install lie beside them
//! ([`packages`]); Python wheels in an image of their own, which few steps see ([`wheels`]).

use super::packages::{self, MOUNTED, on_debian};
use super::wheels::{self, Wheels};
use analysis::dockerfile;
use engine::MODULES_IMAGE;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

/// The file of the context that lists the folders with modules, one a line.
const FOLDERS: &str = "folders";

/// Seconds after which a folder's download is taken to stand still, and is gone on with: Go itself
/// waits for ever on a connection that says nothing. What has arrived is kept.
const STANDS_STILL: u32 = 180;

/// Where Go's own ways of saying that a program is to be built are read off.
const INSTALL: &str = "go install ";

/// What downloads the modules of one content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modules {
    /// `go.mod` and `go.sum` files by their path in the book.
    files: BTreeMap<String, Vec<u8>>,
    /// Programs that Dockerfiles install, with their versions.
    programs: BTreeSet<String>,
    /// Commands of Dockerfiles that install Debian packages.
    installs: BTreeSet<String>,
    /// What Dockerfiles have pip install; of no weight for the image of modules.
    wheels: BTreeSet<Wheels>,
}

/// Names of the images that hold what builds download.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Go modules, and Debian packages.
    pub modules: Option<String>,
    /// Python wheels.
    pub wheels: Option<String>,
}

impl Modules {
    /// What labs and exercises below `root` ask for.
    ///
    /// # Errors
    ///
    /// Their files cannot be read.
    pub fn of(root: &Path) -> io::Result<Modules> {
        let mut modules = Modules {
            files: BTreeMap::new(),
            programs: BTreeSet::new(),
            installs: BTreeSet::new(),
            wheels: BTreeSet::new(),
        };
        for part in ["book/labs", "exercises"] {
            modules.collect(root, Path::new(part))?;
        }
        Ok(modules)
    }

    fn collect(&mut self, root: &Path, below: &Path) -> io::Result<()> {
        for entry in fs::read_dir(root.join(below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            let name = entry.file_name();
            match name.to_str() {
                // What is vendored is there.
                Some("vendor") => {}
                _ if entry.file_type()?.is_dir() => self.collect(root, &path)?,
                Some("go.mod" | "go.sum") => {
                    let text = fs::read(entry.path())?;
                    self.files.insert(path.display().to_string(), text);
                }
                Some(name) if name.contains("Dockerfile") => {
                    let text = fs::read(entry.path())?;
                    let text = String::from_utf8_lossy(&text);
                    self.programs.extend(installed(&text));
                    self.installs.extend(packages::installs(&text));
                    self.wheels.extend(wheels::of(&text));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The image's name; changes with all that it is made of but for the base.
    #[must_use]
    pub fn image(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in &self.files {
            hash.update(path);
            hash.update([0]);
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        hash.update(self.dockerfile(""));
        format!("{MODULES_IMAGE}:{}", engine::hex(&hash.finalize()[..6]))
    }

    /// The image of wheels; none where nothing installs any.
    #[must_use]
    pub fn wheels_image(&self) -> Option<String> {
        let named = |text: String| {
            let hash = engine::hex(&Sha256::digest(text)[..6]);
            format!("{MODULES_IMAGE}:wheels-{hash}")
        };
        self.wheels_dockerfile("").map(named)
    }

    /// What builds the image of wheels on a Go base; none where nothing installs any.
    #[must_use]
    pub fn wheels_dockerfile(&self, base: &str) -> Option<String> {
        (!self.wheels.is_empty()).then(|| wheels::dockerfile(base, &self.wheels))
    }

    /// Both images.
    #[must_use]
    pub fn carried(&self) -> Carried {
        Carried {
            modules: Some(self.image()),
            wheels: self.wheels_image(),
        }
    }

    /// What builds the image on a Go base. A module that cannot be had (a lab is about just that)
    /// is left out.
    #[must_use]
    pub fn dockerfile(&self, base: &str) -> String {
        let programs: Vec<_> = self.programs.iter().map(String::as_str).collect();
        format!(
            "FROM {base} AS modules\n\
             ENV GOTOOLCHAIN=local GOFLAGS=-mod=mod\n\
             COPY . /book\n\
             RUN while read -r folder; do \\\n\
             \x20   for try in 1 2 3 4; do \\\n\
             \x20     (cd \"/book/$folder\" && timeout {STANDS_STILL} go mod download) && continue 2; \\\n\
             \x20     [ $? = 124 ] || break; echo \"$folder: stood still\"; done; \\\n\
             \x20   echo \"left out: $folder\"; done </book/{FOLDERS}\n\
             RUN for program in {}; do GOBIN=/tmp/bin go install \"$program\" || exit 1; done\n\
             RUN mkdir /out && cp -r /go/pkg/mod/cache/download /out/modules && cd /out/modules \\\n\
             \x20&& rm -rf sumdb && find . -name '*.lock' -delete \\\n\
             \x20&& there=$(find . -type d -name @v | sed 's|^./||; s|/@v$||; s|!\\(.\\)|\\U\\1|g' | sort | paste -sd,) \\\n\
             \x20&& echo \"GOPROXY=file://{MOUNTED}/modules,https://proxy.golang.org,direct\" >/out/env \\\n\
             \x20&& echo \"GONOSUMDB=$there\" >>/out/env\n\
             {}\
             FROM scratch\n\
             COPY --from=modules /out /\n\
             COPY --from=packages /out /packages\n",
            programs.join(" "),
            packages::stages(base, &self.installs),
        )
    }

    /// The files of the image's build context, beside its Dockerfile.
    #[must_use]
    pub fn context(&self) -> Vec<(String, Vec<u8>)> {
        let paths = self.files.keys();
        let folders = paths.filter_map(|path| path.strip_suffix("/go.mod"));
        let folders: String = folders.map(|folder| format!("{folder}\n")).collect();
        let files = self.files.clone().into_iter();
        files
            .chain([(FOLDERS.to_owned(), folders.into_bytes())])
            .collect()
    }
}

impl Carried {
    /// The names that there are, from the one that most steps see.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let all = [&self.modules, &self.wheels].into_iter();
        all.flatten().map(String::as_str)
    }

    /// A Dockerfile whose steps on Go bases see what they may download out of these images; every
    /// line keeps its number.
    #[must_use]
    pub fn shown_to(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(image) = &self.wheels {
            let flag = shown_at(image, wheels::MOUNTED);
            text = dockerfile::with_run_flag(&text, on_debian, wheels::installs, &flag);
        }
        if let Some(image) = &self.modules {
            let flag = shown_at(image, MOUNTED);
            text = dockerfile::with_run_flag(&text, packages::on_go, |_| true, &flag);
            let flag = packages::flag(image);
            text = dockerfile::with_run_flag(&text, on_debian, |_| true, &flag);
        }
        text
    }
}

/// The flag with which a `RUN` sees all of an image.
fn shown_at(image: &str, target: &str) -> String {
    format!("--mount=type=bind,from={image},target={target} ")
}

/// What a Dockerfile installs in a certain version; variables are nobody's to fill in.
fn installed(text: &str) -> Vec<String> {
    let lines = dockerfile::instruction_lines(text).into_iter();
    let runs = lines.filter(|(_, line)| line.starts_with("RUN "));
    let mut programs = Vec::new();
    for (_, line) in runs {
        for behind in line.split(INSTALL).skip(1) {
            let mut words = behind.split(' ');
            let program = words.find(|word| !word.starts_with('-'));
            let plain = |c: char| c.is_ascii_alphanumeric() || "./@-_".contains(c);
            let program = program.filter(|word| word.contains("@v") && word.chars().all(plain));
            programs.extend(program.map(str::to_owned));
        }
    }
    programs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[test]
    fn programs_are_asked_for_as_dockerfiles_install_them() {
        let text = "FROM golang:1.23\nRUN CGO_ENABLED=0 go install -trimpath github.com/a/b@v1.2.3 && \\\n  \
                    go install ./cmd && go install x.org/y@latest && go install $X@v1\nCMD go install c@v1";
        assert_eq!(installed(text), ["github.com/a/b@v1.2.3"]);
    }

    #[test]
    fn the_books_own_modules_are_all_found() {
        let modules = Modules::of(&root()).expect("read");
        assert!(modules.files.contains_key("book/labs/_service/go.mod"));
        assert!(modules.files.contains_key("book/labs/_service/go.sum"));
        assert!(
            modules
                .programs
                .iter()
                .any(|program| program.contains("go-delve"))
        );
        assert!(modules.files.keys().all(|path| !path.contains("/vendor/")));
    }

    #[test]
    fn steps_see_what_they_may_download_and_no_other_step_does() {
        let text = "FROM golang:1.23 AS a\nRUN go build\nRUN pip install x==1\n\
                    FROM golang:1.23-alpine\nRUN pip install x==1\nFROM alpine\nRUN pip install x==1\n";
        let carried = Carried {
            modules: None,
            wheels: Some("w:1".into()),
        };
        let shown = "RUN --mount=type=bind,from=w:1,target=/etc/xdg/pip pip install x==1\nFROM golang:1.23-alpine";
        let there = "RUN pip install x==1\nFROM golang:1.23-alpine";
        assert_eq!(carried.shown_to(text), text.replacen(there, shown, 1));
        let both = Carried {
            modules: Some("m:1".into()),
            ..carried
        };
        let seen = both.shown_to(text);
        let flags = |line: usize| {
            seen.lines()
                .nth(line)
                .map_or(0, |l| l.matches("from=").count())
        };
        assert_eq!([1, 2, 4, 6].map(flags), [2, 3, 1, 0], "{seen}");
        assert_eq!(Carried::default().shown_to(text), text);
    }

    #[test]
    fn another_version_of_a_module_is_another_image() {
        let modules = Modules::of(&root()).expect("read");
        let mut other = modules.clone();
        let (path, text) = modules.files.iter().next().expect("one");
        other
            .files
            .insert(path.clone(), [&text[..], b"\n"].concat());
        assert_ne!(modules.image(), other.image());
        other = modules.clone();
        other.programs.insert("x.org/y@v1".into());
        assert_ne!(modules.image(), other.image());
        other = modules.clone();
        other.installs.insert("apt-get install -y hello".into());
        assert_ne!(modules.image(), other.image());
        other = modules.clone();
        other
            .wheels
            .extend(wheels::of("FROM golang:1.23\nRUN pip install hello==1.0\n"));
        assert_eq!(modules.image(), other.image(), "it holds no wheels");
        assert_ne!(modules.wheels_image(), other.wheels_image());
        assert_eq!(modules.image(), modules.clone().image());
    }
}
