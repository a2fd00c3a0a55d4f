//! Behind a company's TLS-intercepting proxy: builds trust what this machine trusts, and
//! the company's CA still stays out of images that end on another base than Go's.
//!
//! Go reads every file in `/etc/pki/tls/certs` in addition to the bundle. So a derived
//! base with the CA *there* downloads modules, while `COPY --from=build
//! /etc/ssl/certs/ca-certificates.crt` copies Mozilla's certificates alone. A Dockerfile
//! of one stage downloads modules in the very image that it ships: that one keeps the CA.

use super::cache;
use super::origin::engine_error;
use engine::{Engine, build_context};
use policy::UserError;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::{fs, io};
use tokio::sync::OnceCell;

/// On every derived base; its value is the name of the base.
pub const TRUST_LABEL: &str = "org.emptyroom.trust";

const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
const MOZILLA: &str = "/usr/share/ca-certificates/mozilla";
const INSTALLED: &str = "etc/pki/tls/certs/host-ca.pem";

/// The image to build on instead of `base`, where this machine trusts CAs that the world
/// does not; `None` where it trusts no others.
///
/// # Errors
///
/// The certificates cannot be read, or the engine refuses.
pub async fn trusted(engine: &Engine, base: &str) -> Result<Option<String>, UserError> {
    // Hundreds of small files, which do not change under a running playground.
    static EXTRA: OnceCell<String> = OnceCell::const_new();
    let read = async || {
        let reading = tokio::task::spawn_blocking(host_extra).await;
        reading.unwrap_or_else(|broken| Err(unpacked(&broken.into())))
    };
    match EXTRA.get_or_try_init(read).await?.as_str() {
        "" => Ok(None),
        extra => trusting(engine, base, extra).await,
    }
}

/// The image to build on where `base` shall trust the certificates `extra` (PEM) as well;
/// `None` where the engine has no such base.
///
/// # Errors
///
/// The engine refuses.
pub async fn trusting(
    engine: &Engine,
    base: &str,
    extra: &str,
) -> Result<Option<String>, UserError> {
    let Some(id) = engine.image_id(base).await.map_err(engine_error)? else {
        return Ok(None);
    };
    let hash = Sha256::new().chain_update(&id).chain_update(extra);
    let digest = format!("{:x}", hash.finalize());
    let name = format!("empty-room/trust:{}", &digest[..12]);
    if engine
        .image_id(&name)
        .await
        .map_err(engine_error)?
        .is_none()
    {
        let context = context(base, extra).map_err(|error| unpacked(&error))?;
        let built = engine.build_classic(context, &name).await;
        built.map_err(engine_error)?;
        remove_derived(engine, base, Some(&name)).await;
    }
    Ok(Some(name))
}

/// Derived images of an earlier base, or of other certificates, would pile up and hold
/// that base's layers. One in use is kept by the engine until the next time.
pub(super) async fn remove_derived(engine: &Engine, base: &str, except: Option<&str>) {
    let label = format!("{TRUST_LABEL}={base}");
    for older in engine.images_labelled(&label).await.unwrap_or_default() {
        if older.starts_with("empty-room/trust:") && Some(older.as_str()) != except {
            let _ = engine.remove_image(&older).await;
        }
    }
}

fn unpacked(error: &io::Error) -> UserError {
    UserError {
        what: "This machine's own certificates could not be packed for builds.".into(),
        cause: error.to_string(),
        next: "Name a PEM file that holds them: EMPTY_ROOM_EXTRA_CA=/path/to/ca.pem".into(),
    }
}

/// PEM blocks that this machine trusts and Mozilla does not.
fn host_extra() -> Result<String, UserError> {
    if let Some(named) = cache::set("EMPTY_ROOM_EXTRA_CA") {
        let text = fs::read_to_string(&named).map_err(|error| UserError {
            what: "The file in EMPTY_ROOM_EXTRA_CA cannot be read.".into(),
            cause: format!("{}: {error}", named.display()),
            next: "Point it to a PEM file, or unset it.".into(),
        })?;
        return Ok(certificates(&text).concat());
    }
    // Without Debian's copy of Mozilla's list there is nothing to tell others from.
    let Ok(mozilla) = fs::read_dir(MOZILLA) else {
        return Ok(String::new());
    };
    let mozilla = mozilla.flatten();
    let mozilla = mozilla.filter_map(|file| fs::read_to_string(file.path()).ok());
    let mozilla: Vec<String> = mozilla.collect();
    let bundle = cache::set("SSL_CERT_FILE").unwrap_or_else(|| BUNDLE.into());
    let bundle = fs::read_to_string(bundle).unwrap_or_default();
    Ok(beyond(&bundle, &mozilla))
}

/// The certificates of `bundle` that are in none of `known`.
fn beyond(bundle: &str, known: &[String]) -> String {
    let bare = |pem: &str| pem.split_whitespace().collect::<String>();
    let known = known.iter().flat_map(|text| certificates(text));
    let known: HashSet<String> = known.map(|pem| bare(&pem)).collect();
    let bundle = certificates(bundle).into_iter();
    bundle.filter(|pem| !known.contains(&bare(pem))).collect()
}

/// The PEM blocks in a text, each with its last newline.
fn certificates(text: &str) -> Vec<String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let rests = text.split(BEGIN).skip(1);
    let bodies = rests.filter_map(|rest| Some(rest.split_once(END)?.0));
    bodies.map(|body| format!("{BEGIN}{body}{END}\n")).collect()
}

/// The two-line build: base and certificates.
fn context(base: &str, pem: &str) -> io::Result<Vec<u8>> {
    let dockerfile =
        format!("FROM {base}\nCOPY host-ca.pem /{INSTALLED}\nLABEL {TRUST_LABEL}=\"{base}\"\n");
    build_context([
        ("Dockerfile", 0o644, dockerfile.as_bytes()),
        ("host-ca.pem", 0o644, pem.as_bytes()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn pem(body: &str) -> String {
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    }

    #[test]
    fn only_certificates_beyond_mozillas_are_taken() {
        let bundle = format!("# a comment\n{}{}{}", pem("QUFB"), pem("Q09N"), pem("QkJC"));
        let known = [
            pem("QUFB").replace('\n', "\r\n"),
            format!("noise\n{}", pem("QkJC")),
        ];
        assert_eq!(beyond(&bundle, &known), pem("Q09N"));
        assert_eq!(beyond("", &known), "");
    }

    #[test]
    fn the_company_ca_lies_beside_the_bundle_not_in_it() -> io::Result<()> {
        let context = context("golang:1.23", &pem("Q09N"))?;
        let mut archive = tar::Archive::new(context.as_slice());
        let mut dockerfile = String::new();
        for entry in archive.entries()? {
            let mut entry = entry?;
            if entry.path()?.as_ref() == Path::new("Dockerfile") {
                io::Read::read_to_string(&mut entry, &mut dockerfile)?;
            }
        }
        assert!(dockerfile.starts_with("FROM golang:1.23\n"), "{dockerfile}");
        assert!(!dockerfile.contains("/etc/ssl"), "{dockerfile}");
        Ok(())
    }
}
