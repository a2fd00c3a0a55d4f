//! Runs mdBook in this process, so that nothing needs to be installed beside us.

use super::Panels;
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
pub fn render(root: &Path, out: &Path, panels: Panels) -> Result<()> {
    let file = root.join("book.toml");
    let mut config = Config::from_disk(&file)
        .with_context(|| format!("cannot read the book's settings, {}", file.display()))?;
    // Preprocessors named in book.toml are commands, for an ordinary `mdbook build`;
    // ours are linked in.
    config.set("preprocessor", toml::Table::new())?;
    config.build.build_dir = std::path::absolute(out)?;
    config.build.create_missing = false;
    let mut book = MDBook::load_with_config(root, config)
        .with_context(|| format!("cannot read the book under {}", root.display()))?;
    configure_admonish(&mut book.config)?;
    book.with_preprocessor(panels);
    book.with_preprocessor(Admonish);
    book.build().context("cannot render the book")
}

/// Serves an ordinary `mdbook build`, which calls us as a preprocessor command: book
/// in as JSON on `input`, expanded book out on `output`.
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
