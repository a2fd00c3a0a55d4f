//! Places that the command or the environment gives a program for its data.

use crate::image::config::Runtime;

/// Parts of names of what a program writes to: `TMPDIR`, `--data-dir`, `--storage.path`.
const WRITTEN: [&str; 7] = ["TMP", "DATA", "STOR", "STATE", "CACHE", "DB", "LOG"];

/// A place for data, and the variable or the words that name it.
pub(super) struct Given {
    pub(super) path: String,
    pub(super) said: String,
}

/// `--data-dir=/data`, `--data-dir /data`, `DATA_DIR=/data`.
pub(super) fn data_places(runtime: &Runtime) -> Vec<Given> {
    let words: Vec<&String> = runtime.entrypoint.iter().chain(&runtime.cmd).collect();
    let whole = runtime.env.iter().chain(words.iter().copied());
    let whole = whole.filter_map(|said| {
        let (name, path) = said.split_once('=')?;
        given(name, path, said.clone())
    });
    let apart = words.windows(2).filter_map(|pair| {
        let option = pair[0].starts_with('-') && !pair[0].contains('=');
        option.then(|| given(pair[0], pair[1], format!("{} {}", pair[0], pair[1])))?
    });
    whole.chain(apart).collect()
}

fn given(name: &str, path: &str, said: String) -> Option<Given> {
    let name = name.to_ascii_uppercase();
    let data = WRITTEN.iter().any(|part| name.contains(part)) && !name.contains("CONF");
    let path = path.trim_end_matches('/');
    (data && path.starts_with('/')).then(|| Given {
        path: path.to_owned(),
        said,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_for_data_are_told_by_the_names_before_them() {
        let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let runtime = Runtime {
            entrypoint: strings(&["/app", "--data-path", "/data/"]),
            cmd: strings(&["-storage.path=/var/x", "--config", "/etc/a", "-log", "-v"]),
            env: strings(&["CACHE_DIR=/cache", "DATABASE_CONF=/etc/b", "DB=name"]),
            ..Runtime::default()
        };
        let found = data_places(&runtime);
        let paths: Vec<_> = found.iter().map(|one| &*one.path).collect();
        assert_eq!(paths, ["/cache", "/var/x", "/data"]);
        assert_eq!(found[2].said, "--data-path /data/");
    }
}
