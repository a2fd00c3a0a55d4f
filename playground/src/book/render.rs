//! Runs mdBook in this process, so that nothing needs to be installed beside us.

use super::Panels;
use super::search::Aside;
use anyhow::{Context, Result};
use mdbook::preprocess::CmdPreprocessor;
use mdbook::{Config, MDBook};
use mdbook_admonish::Admonish;
use std::io::{Read, Write};
use std::path::Path;

/// The stylesheet under `book/theme/vendor` is of this version; mdbook-admonish
/// refuses to run without being told.
const ADMONISH_ASSETS: &str = "3.1.0";

/// Renders the book of `root` (the folder of `book.toml`) into `out`, replacing what
/// is there.
///
/// # Errors
/// `book.toml`, a page or a directive is wrong, or `out` cannot be written.
pub fn render(root: &Path, out: &Path, panels: Panels) -> Result<()> {
    let mut book = load(root)?;
    book.config.build.build_dir = std::path::absolute(out)?;
    configure_admonish(&mut book.config)?;
    book.with_preprocessor(panels);
    book.with_preprocessor(Admonish);
    let aside = Aside::default();
    book.with_preprocessor(aside.clone());
    book.build().context("cannot render the book")?;
    aside.put_back(out)
}

/// Reads the book of `root` with nothing of ours in it yet.
pub(super) fn load(root: &Path) -> Result<MDBook> {
    let file = root.join("book.toml");
    let mut config = Config::from_disk(&file)
        .with_context(|| format!("cannot read the book's settings, {}", file.display()))?;
    // Preprocessors named in book.toml are commands, for an ordinary `mdbook build`;
    // ours are linked in.
    config.set("preprocessor", toml::Table::new())?;
    config.build.create_missing = false;
    MDBook::load_with_config(root, config)
        .with_context(|| format!("cannot read the book under {}", root.display()))
}

/// Serves an ordinary `mdbook build`, which calls us as a preprocessor command: book
/// in as JSON on `input`, expanded book out on `output`.
///
/// # Errors
/// What mdBook sends is not a book, or a directive in it is wrong.
pub fn preprocess(input: impl Read, output: impl Write, panels: &Panels) -> Result<()> {
    use mdbook::preprocess::Preprocessor;
    let (mut ctx, book) = CmdPreprocessor::parse_input(input)?;
    configure_admonish(&mut ctx.config)?;
    let book = panels.run(&ctx, book)?;
    let book = Admonish.run(&ctx, book)?;
    serde_json::to_writer(output, &book)?;
    Ok(())
}

fn configure_admonish(config: &mut Config) -> Result<()> {
    config.set("preprocessor.admonish.assets_version", ADMONISH_ASSETS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::testing::{lab, sources};
    use crate::book::{Recordings, inline_script_hashes};
    use std::fs;
    use std::path::PathBuf;

    const PAGE: &str = "# One\n\n{{#lab x509}}\n\n```admonish note title=\"So\"\nText\n```\n";

    /// A book of one page with this repository's settings, theme and scripts.
    fn book(page: &str) -> Result<tempfile::TempDir> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = tempfile::tempdir()?;
        fs::create_dir_all(root.path().join("book/src/deep"))?;
        fs::write(
            root.path().join("book/src/SUMMARY.md"),
            "- [One](deep/one.md)\n",
        )?;
        fs::write(root.path().join("book/src/deep/one.md"), page)?;
        fs::copy(repository.join("book.toml"), root.path().join("book.toml"))?;
        for folder in ["book/theme", "book/src/js"] {
            copy(&repository.join(folder), &root.path().join(folder))?;
        }
        Ok(root)
    }

    fn copy(from: &Path, to: &Path) -> Result<()> {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                copy(&entry.path(), &to.join(entry.file_name()))?;
            } else {
                fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
        Ok(())
    }

    fn panels() -> Panels {
        let labs = vec![lab("x509")];
        let catalog = catalog::Catalog {
            labs,
            ..Default::default()
        };
        Panels::new(&catalog, &Recordings::default(), sources).expect("panels")
    }

    #[test]
    fn a_page_holds_panels_admonitions_and_no_inline_script_of_ours() {
        let root = book(PAGE).expect("book");
        let out = root.path().join("out");
        render(root.path(), &out, panels()).expect("render");
        let html = fs::read_to_string(out.join("deep/one.html")).expect("page");
        assert!(html.contains(r#"data-lab="x509""#), "panel");
        assert!(
            html.contains("FROM scratch\n\nCOPY") || html.contains("FROM scratch&#10;&#10;COPY")
        );
        assert!(html.contains("admonish-note"), "admonition");
        assert!(
            html.contains("../book/theme/loader-"),
            "the loader, by its hashed name"
        );
        assert!(out.join("js/main.js").is_file(), "copied by mdBook");
        assert!(!html.contains("fonts/fonts"), "no fonts from mdBook");
        // mdBook 0.4.52 has six inline scripts; the policy must cover each of them.
        assert_eq!(inline_script_hashes(&html).len(), 6);
        assert!(!html.contains(" onclick="));
    }

    #[test]
    fn the_index_of_messages_links_to_pages_even_in_print() {
        let root = book(&format!("{PAGE}\n{{{{#symptoms}}}}\n")).expect("book");
        let out = root.path().join("out");
        render(root.path(), &out, panels()).expect("render");
        let html = fs::read_to_string(out.join("deep/one.html")).expect("page");
        let link = r#"<a href="../deep/one.html">Title of &lt;x509&gt;</a>"#;
        assert!(html.contains(link), "{html}");
        let print = fs::read_to_string(out.join("print.html")).expect("page");
        assert!(!print.contains("one.md"), "no link to a source");
        let pages = crate::book::lab_pages(root.path()).expect("pages");
        assert_eq!(pages.get("x509").map(String::as_str), Some("deep/one.html"));
    }

    #[test]
    fn an_unknown_lab_stops_the_rendering_with_file_and_line() {
        let root = book("# One\n\n{{#lab nope}}\n").expect("book");
        let error = render(root.path(), &root.path().join("out"), panels()).expect_err("unknown");
        let error = format!("{error:#}");
        let file: PathBuf = ["book", "src", "deep", "one.md"].iter().collect();
        assert!(
            error.contains(&format!("{}:3: there is no lab `nope`", file.display())),
            "{error}"
        );
    }

    #[test]
    fn an_ordinary_mdbook_build_works_without_the_playground() {
        let root = book(PAGE).expect("book");
        // The command of book.toml is looked up from the current directory, this package,
        // where it is not: mdBook warns and goes on.
        MDBook::load(root.path())
            .and_then(|book| book.build())
            .expect("build");
        let html = fs::read_to_string(root.path().join("book/book/deep/one.html")).expect("page");
        assert!(html.contains("{{#lab x509}}"));
    }

    #[test]
    fn an_ordinary_mdbook_build_gets_the_same_page_from_the_command() {
        let root = book(PAGE).expect("book");
        let md = MDBook::load(root.path()).expect("load");
        let ctx = serde_json::json!({
            "root": md.root, "config": md.config, "renderer": "html", "mdbook_version": "0.4.52",
        });
        let input = serde_json::to_vec(&(&ctx, &md.book)).expect("input");
        let mut output = Vec::new();
        preprocess(input.as_slice(), &mut output, &panels()).expect("preprocess");
        let output = String::from_utf8(output).expect("JSON");
        assert!(output.contains("data-lab") && output.contains("admonish-note"));
    }
}
