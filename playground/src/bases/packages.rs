//! Debian packages for builds without a network: those that Dockerfiles of labs and exercises install
//! on Go bases, as an archive of their own beside the Go modules.
//!
//! Each command that installs is carried out once, up to its end, where there is a network: what apt
//! fetches for it is what it will want again, on the same base. Builds are shown one file of
//! settings, which names the archive as one more place to look; the others stay.

use analysis::dockerfile;
use policy::image_name::ImageName;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Where builds see the image, whose user is root: where Go looks for its settings.
pub(super) const MOUNTED: &str = "/root/.config/go";

/// What installs packages.
const INSTALL: &str = "apt-get install ";

/// What ends a command of a shell.
const ENDS: [&str; 4] = [" &&", ";", " ||", " |"];

/// Whether a base is a Go image: one of the repository `golang`, in whatever words.
pub(super) fn on_go(base: &str) -> bool {
    let name = ImageName::of(base);
    name.familiar() == "golang" && name.tag.is_some()
}

/// Whether a base is a Go image on Debian, whose packages come by apt.
pub(super) fn on_debian(base: &str) -> bool {
    on_go(base) && !base.contains("alpine")
}

/// The commands of a Dockerfile that install packages on a Go image on Debian, each with all that
/// stands before it in its `RUN`.
pub(super) fn installs(text: &str) -> Vec<String> {
    let runs = dockerfile::run_commands(text, on_debian);
    runs.iter().filter_map(|run| install(run)).collect()
}

/// What installs packages of what a `RUN` runs, with all that stands before it.
pub(super) fn install(run: &str) -> Option<String> {
    let at = run.find(INSTALL)?;
    let ends = ENDS.iter().filter_map(|end| run[at..].find(end));
    let end = ends.min().map_or(run.len(), |end| at + end);
    // Flags are the builder's; a cache of Go's is nothing to apt.
    let words = run[..end]
        .split(' ')
        .skip_while(|word| word.starts_with("--"));
    Some(words.collect::<Vec<_>>().join(" "))
}

/// Stages on `base` that end in one called `packages`, whose `/out` is the archive.
pub(super) fn stages(base: &str, installs: &BTreeSet<String>) -> String {
    let mut text = format!(
        "FROM {base} AS apt\n\
         ARG BUILDARCH TARGETARCH\n\
         RUN rm -f /etc/apt/apt.conf.d/docker-clean && mkdir -p /debs/partial \\\n\
         \x20&& echo 'Dir::Cache::archives \"/debs\";' >/etc/apt/apt.conf.d/zz-debs\n"
    );
    for (number, install) in installs.iter().enumerate() {
        let _ = write!(
            text,
            "FROM apt AS apt-{number}\nRUN {install} || echo \"left out\"\n"
        );
    }
    let _ = writeln!(text, "FROM {base} AS packages\nWORKDIR /out");
    for number in 0..installs.len() {
        let _ = writeln!(text, "COPY --from=apt-{number} /debs/ ./");
    }
    // An archive without a signature, in one folder. A file's name is taken for part of an address
    // there, so the colon of a version, which apt writes as %3a, must not stay.
    let _ = write!(
        text,
        "RUN rm -rf partial lock \\\n\
         \x20&& for deb in *%3a*.deb; do \\\n\
         \x20     [ ! -e \"$deb\" ] || mv \"$deb\" \"$(echo \"$deb\" | sed 's/%3a/-/g')\"; done \\\n\
         \x20&& for deb in *.deb; do [ ! -e \"$deb\" ] || {{ \\\n\
         \x20     dpkg-deb --field \"$deb\"; echo \"Filename: ./$deb\"; \\\n\
         \x20     echo \"Size: $(stat -c %s \"$deb\")\"; \\\n\
         \x20     echo \"SHA256: $(sha256sum \"$deb\" | cut -d ' ' -f 1)\"; echo; }}; done >Packages \\\n\
         \x20&& echo 'deb [trusted=yes] file:{MOUNTED}/packages ./' >sources.list \\\n\
         \x20&& {{ echo 'Dir::Etc::sourcelist \"{MOUNTED}/packages/sources.list\";'; \\\n\
         \x20     echo 'APT::Sandbox::User \"root\";'; echo 'Acquire::Retries \"0\";'; }} >apt.conf\n"
    );
    text
}

/// The flag with which a `RUN` sees the archive in `image`.
pub(super) fn flag(image: &str) -> String {
    format!(
        "--mount=type=bind,from={image},source=packages/apt.conf,\
         target=/etc/apt/apt.conf.d/zz-empty-room "
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_install_are_found_with_what_stands_before_them() {
        let text = "FROM golang:1.23 AS a\nARG BUILDARCH\n\
            RUN --mount=type=cache,target=/x case $BUILDARCH in \\\n  amd64) other=b ;; \\\n  esac \\\n  \
            && apt-get update && apt-get install -y $other && rm -rf /x\n\
            FROM a\nRUN apt-get update; apt-get install -y c; echo done\n\
            FROM golang:1.23-alpine\nRUN apt-get install -y d\nFROM debian\nRUN apt-get install -y e\n";
        assert_eq!(
            installs(text),
            [
                "case $BUILDARCH in amd64) other=b ;; esac && apt-get update && apt-get install -y $other",
                "apt-get update; apt-get install -y c",
            ]
        );
    }

    #[test]
    fn without_any_the_archive_is_empty_and_there() {
        let text = stages("golang:1.23", &BTreeSet::new());
        assert!(text.contains("FROM golang:1.23 AS packages"), "{text}");
        assert!(!text.contains("COPY"), "{text}");
    }
}
