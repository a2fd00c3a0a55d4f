//! Finds the engine that the reader already has.
//!
//! Order: `DOCKER_HOST`; the docker context in use; then the usual sockets of every kind of
//! engine (see `kind`).
//! An address that somebody *set* is never silently passed over for another.

use crate::address::Address;
use crate::connection::Engine;
use crate::error::ConnectError;
use crate::kind::usual_sockets;
use crate::random::hex;
use sha2::{Digest, Sha256};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// No engine answered; says what was tried.
#[derive(Clone, Debug)]
pub struct NoEngine {
    /// Each address tried (or what should have named one), and what happened there.
    pub tried: Vec<(String, ConnectError)>,
    /// Somebody asked for that one engine, so no other was tried.
    pub chosen: bool,
}

/// Looks for an engine in all the usual places; the first that answers is taken.
///
/// # Errors
///
/// None answers.
pub async fn discover() -> Result<Engine, NoEngine> {
    let home = env::home_dir().unwrap_or_default();
    let (candidates, chosen) = match chosen(&home) {
        Err((context, why)) => {
            return Err(NoEngine {
                tried: vec![(context, ConnectError::BadAddress(why))],
                chosen: true,
            });
        }
        Ok(Some(address)) => (vec![address], true),
        Ok(None) => {
            let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
            let usual = usual_sockets(&home, runtime.as_deref());
            let usual = usual.iter().map(|p| format!("unix://{}", p.display()));
            (usual.collect(), false)
        }
    };
    let mut tried = Vec::new();
    for candidate in candidates {
        let outcome = match Address::parse(&candidate) {
            Ok(address) => Engine::connect(address).await,
            Err(why) => Err(ConnectError::BadAddress(why)),
        };
        match outcome {
            Ok(engine) => return Ok(engine),
            Err(why) => tried.push((candidate, why)),
        }
    }
    Err(NoEngine { tried, chosen })
}

/// What `DOCKER_HOST` or the docker context in use names; the error is a context that is
/// in use but cannot be read, and why.
fn chosen(home: &Path) -> Result<Option<String>, (String, String)> {
    if let Ok(host) = env::var("DOCKER_HOST")
        && !host.is_empty()
    {
        return Ok(Some(host));
    }
    let config = env::var_os("DOCKER_CONFIG").map_or_else(|| home.join(".docker"), PathBuf::from);
    let context = env::var("DOCKER_CONTEXT").ok().filter(|c| !c.is_empty());
    context_host(&config, context)
}

/// The host of the docker context in use, unless that is the built-in default.
fn context_host(config: &Path, named: Option<String>) -> Result<Option<String>, (String, String)> {
    let name = named.or_else(|| {
        let text = fs::read_to_string(config.join("config.json")).ok()?;
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some(json.get("currentContext")?.as_str()?.to_owned())
    });
    let Some(name) = name.filter(|name| !name.is_empty() && name != "default") else {
        return Ok(None);
    };
    let digest = hex(&Sha256::digest(name.as_bytes()));
    let meta = config.join("contexts/meta").join(digest).join("meta.json");
    let host = || -> Result<String, String> {
        let text = fs::read_to_string(&meta).map_err(|error| error.to_string())?;
        let json: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let host = json.pointer("/Endpoints/docker/Host");
        let host = host.and_then(serde_json::Value::as_str);
        Ok(host.ok_or("it names no Docker host")?.to_owned())
    };
    host().map(Some).map_err(|why| {
        let why = format!("{} cannot be read: {why}", meta.display());
        (format!("the docker context `{name}`"), why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_docker_context_in_use_names_the_engine() -> std::io::Result<()> {
        let config = tempfile::tempdir()?;
        // sha256("colima"), as the docker CLI names the folder.
        let meta = config
            .path()
            .join("contexts/meta/f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16");
        fs::create_dir_all(&meta)?;
        fs::write(
            meta.join("meta.json"),
            r#"{"Name":"colima","Endpoints":{"docker":{"Host":"unix:///c.sock"}}}"#,
        )?;
        fs::write(
            config.path().join("config.json"),
            r#"{"currentContext":"colima"}"#,
        )?;
        let colima = Ok(Some("unix:///c.sock".to_owned()));
        assert_eq!(context_host(config.path(), None), colima);
        for unset in ["default", ""] {
            assert_eq!(context_host(config.path(), Some(unset.into())), Ok(None));
        }
        Ok(())
    }

    #[test]
    fn a_context_that_was_chosen_is_never_passed_over() -> std::io::Result<()> {
        let config = tempfile::tempdir()?;
        assert_eq!(context_host(config.path(), None), Ok(None), "no config");
        let misspelt = context_host(config.path(), Some("colmia".into()));
        let Err((what, why)) = misspelt else {
            panic!("it was passed over: {misspelt:?}");
        };
        assert!(what.contains("`colmia`"), "{what}");
        assert!(why.contains("meta.json"), "{why}");
        fs::write(
            config.path().join("config.json"),
            r#"{"currentContext":"gone"}"#,
        )?;
        assert!(context_host(config.path(), None).is_err());
        Ok(())
    }
}
