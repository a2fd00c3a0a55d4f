//! Lists the files of `src/preflight/rules`: each is a rule, so that adding one is adding a file.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

const FOLDER: &str = "src/preflight/rules";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let variable = |name| env::var(name).map_err(io::Error::other);
    let package = variable("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&package).join(FOLDER);
    let mut names = Vec::new();
    for file in fs::read_dir(&folder)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").map(str::to_owned));
    }
    names.retain(|name| name != "mod");
    names.sort();
    let (mut modules, mut rules) = (String::new(), String::new());
    for name in &names {
        let path = folder.join(format!("{name}.rs"));
        let _ = writeln!(modules, "#[path = {path:?}] pub(super) mod {name};");
        let _ = writeln!(rules, "    &{name}::RULE,");
    }
    let number = names.len();
    let list = format!(
        "static FOUND: [&Rule; {number}] = [\n{rules}];\nconst LISTED_IN: &str = {package:?};\n"
    );
    let out = Path::new(&variable("OUT_DIR")?).join("rules.rs");
    fs::write(out, format!("{modules}{list}"))
}
