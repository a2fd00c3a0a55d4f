//! Versions of symbols: what a program asks of its libraries, and what a library has.
//!
//! The two binaries are C, from `crates/analysis/tests/corpus/binaries/versions`; `readelf -V` says the same.

use super::support::{build, engine_with};
use analysis::binary::{Elf, xray};
use analysis::image::Compressed;
use analysis::inspect::Inspection;
use analysis::preflight::{Severity, TargetPlatform, preflight};
use engine::{Attachment, ContainerRequest, Engine, Owner, Transfer, build_context};
use flate2::read::GzDecoder;
use futures_util::StreamExt;
use std::io::Read;
use std::path::PathBuf;

/// A binary of the corpus.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("crates/analysis/tests/corpus/binaries");
    let packed = std::fs::read(folder.join(format!("{name}.gz"))).expect("in the corpus");
    let mut bytes = Vec::new();
    GzDecoder::new(&*packed)
        .read_to_end(&mut bytes)
        .expect("gzip");
    bytes
}

fn elf(bytes: &[u8]) -> Elf {
    xray(bytes).expect("an ELF file").elf
}

#[test]
fn a_program_says_which_versions_it_needs_of_which_library() {
    let program = elf(&bytes("versions-program"));
    let needs: Vec<_> = program.needs_versions.iter().collect();
    assert_eq!(needs.len(), program.needed.len());
    assert_eq!(
        program.needs_versions["libtiny.so.1"],
        ["TINY_1.0", "TINY_1.1"]
    );
    let mut libc = program.needs_versions["libc.so.6"].clone();
    libc.sort();
    assert_eq!(libc, ["GLIBC_2.2.5", "GLIBC_2.34"]);
    assert!(program.defines_versions.is_empty());
}

#[test]
fn a_library_says_which_versions_it_has() {
    let library = elf(&bytes("versions-library"));
    assert_eq!(library.defines_versions, ["TINY_1.0", "TINY_1.1"]);
    assert!(library.needs_versions.is_empty());
}

#[test]
fn versions_are_seen_without_section_headers() {
    for name in ["versions-program", "versions-library"] {
        let whole = bytes(name);
        let mut bare = whole.clone();
        bare[40..48].fill(0);
        bare[60..64].fill(0);
        let (whole, bare) = (elf(&whole), elf(&bare));
        assert!(bare.sections.is_none());
        assert_eq!(whole.needs_versions, bare.needs_versions);
        assert_eq!(whole.defines_versions, bare.defines_versions);
    }
}

#[test]
fn versions_that_point_in_circles_or_outside_end() {
    for name in ["versions-program", "versions-library"] {
        let whole = bytes(name);
        let sections = elf(&whole).sections.expect("sections");
        let tables = sections
            .iter()
            .filter(|section| section.name.starts_with(".gnu.version_"));
        for table in tables {
            let range = table.offset as usize..(table.offset + table.file_bytes) as usize;
            for at in range.clone() {
                for value in [0, 1, 0x80, 0xff] {
                    let mut damaged = whole.clone();
                    damaged[at] = value;
                    let found = elf(&damaged);
                    assert!(found.defines_versions.len() <= 1024);
                }
            }
            let mut noise = whole.clone();
            noise[range].fill(0xff);
            let found = elf(&noise);
            assert!(found.needs_versions.is_empty() && found.defines_versions.is_empty());
        }
    }
}

const BASE: &str = "gcr.io/distroless/base-debian12:nonroot";

/// The program asks for another version, of the same length.
fn asking(version: &str, for_other: &str) -> Vec<u8> {
    assert_eq!(version.len(), for_other.len());
    let mut bytes = bytes("versions-program");
    let at = memchr::memmem::find(&bytes, version.as_bytes()).expect("it asks for it");
    bytes[at..at + version.len()].copy_from_slice(for_other.as_bytes());
    bytes
}

/// An image of distroless' base, with this program as `/app`.
async fn built(engine: &Engine, name: &str, program: &[u8]) -> String {
    let dockerfile = format!(
        "FROM {BASE}\nCOPY app /app\nCOPY library /usr/lib/libtiny.so.1\n\
         ENTRYPOINT [\"/app\"]\n"
    );
    let library = bytes("versions-library");
    let context = build_context([
        ("Dockerfile", 0o755, dockerfile.as_bytes()),
        ("app", 0o755, program),
        ("library", 0o755, &library),
    ]);
    let tag = format!("empty-room/run:it{}-{name}.image", std::process::id());
    let context = context.expect("in memory").into();
    build(engine, &tag, context, &dockerfile).await;
    tag
}

/// What it writes and how it ends.
async fn run(engine: &Engine, name: &str, image: &str) -> (String, i64) {
    let data = tempfile::tempdir().expect("a folder");
    let owner = Owner::register(data.path()).expect("registered");
    let name = format!("empty-room-it{}-{name}", std::process::id());
    let request = ContainerRequest::new(name, image, Attachment::Isolated);
    let container = engine.create(&owner, &request).await.expect("created");
    engine
        .start(&container)
        .await
        .expect("the kernel starts it");
    let pieces: Vec<_> = engine.output(&container).collect().await;
    let exit = engine.wait(&container).await.expect("it ends");
    engine.remove(&container).await.expect("removed");
    let text = pieces.into_iter().map(|(_, text)| text).collect();
    (text, exit.code)
}

async fn inspected(engine: &Engine, image: &str) -> Inspection {
    let all = Transfer::quiet(u64::MAX);
    let inspected = engine.inspect_image(image, None, Compressed::AsStored, all);
    inspected.await.expect("read")
}

/// Why preflight says that it will not start, beside what the loader says.
async fn said_and_done(name: &str, program: &[u8]) -> (Option<String>, String, i64) {
    let engine = engine_with(BASE).await;
    let tag = built(&engine, name, program).await;
    let (output, code) = run(&engine, name, &tag).await;
    let inspection = inspected(&engine, &tag).await;
    engine.remove_image(&tag).await.expect("removed");
    let findings = preflight(&inspection, &TargetPlatform::default()).expect("judged");
    let mut ends = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::WillNotStart);
    let said = ends.next().map(|finding| {
        assert_eq!(finding.rule.id, "library-too-old");
        finding.what
    });
    (said, output, code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_is_too_old_is_told_in_the_loaders_words() {
    let program = asking("GLIBC_2.34", "GLIBC_9.99");
    let (said, output, code) = said_and_done("too-old", &program).await;
    assert_eq!(code, 1, "{output}");
    let loaders = "libc.so.6: version `GLIBC_9.99' not found (required by /app)";
    assert!(output.contains(loaders), "{output}");
    let said = said.expect("a finding");
    assert!(
        said.contains(loaders) && said.contains("the newest there is GLIBC_2.36"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_is_new_enough_is_no_finding() {
    let program = bytes("versions-program");
    let (said, output, code) = said_and_done("new-enough", &program).await;
    assert_eq!((said, output.trim(), code), (None, "versions", 0));
}
