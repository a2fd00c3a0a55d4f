//! A folder that was named on the command line.

use policy::UserError;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A folder that may be adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Names it to a page. The same folder has the same id in every launch, and no id is a path.
    #[serde(rename = "service")]
    pub id: String,
    /// What the folder is called.
    pub name: String,
    /// Where it is, for people: nobody can send it back.
    #[serde(rename = "path")]
    pub shown: String,
    #[serde(skip)]
    pub(super) path: PathBuf,
}

impl Service {
    /// The folder at `path`.
    ///
    /// # Errors
    /// There is none.
    pub fn at(path: &Path) -> Result<Service, UserError> {
        let no = |why: String| UserError {
            what: format!("{} cannot be a service: {why}", path.display()),
            cause: "--service names the working tree of a Go repository".into(),
            next: "name the folder that holds go.mod".into(),
        };
        let path = path.canonicalize().map_err(|error| no(error.to_string()))?;
        if !path.is_dir() {
            return Err(no("it is no folder".into()));
        }
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
        let id = engine::hex(&digest[..6]);
        Ok(Service {
            id,
            name,
            shown: path.display().to_string(),
            path,
        })
    }

    /// The folders at these paths, each once, in their order.
    ///
    /// # Errors
    /// One of them is none.
    pub fn all(paths: &[PathBuf]) -> Result<Vec<Service>, UserError> {
        let mut all: Vec<Service> = Vec::new();
        for path in paths {
            let service = Service::at(path)?;
            if !all.contains(&service) {
                all.push(service);
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_is_a_service_once_whatever_way_leads_to_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let shop = dir.path().join("shop");
        fs::create_dir(&shop).expect("made");
        let around = dir.path().join("shop/../shop");
        let all = Service::all(&[shop.clone(), around]).expect("folders");
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].name, "shop");
        assert!(all[0].id.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_eq!(all[0].id.len(), 12);
        fs::write(dir.path().join("file"), "").expect("written");
        for none in ["file", "nowhere"] {
            let error = Service::at(&dir.path().join(none)).expect_err("none");
            assert!(error.next.contains("go.mod"), "{error}");
        }
    }
}
