//! The class's own certificate: made once for an address, kept in the data folder, told apart by its
//! fingerprint.
//!
//! It is no authority: whoever trusts it trusts this one server at this one address, for thirty
//! days, and nothing else. A local authority would be easier to install, and could vouch for any
//! page of the web to everyone who ever did.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::UserError;
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Days that a certificate is good for.
const DAYS: i32 = 30;

/// A certificate with its key.
#[derive(Debug)]
pub struct Certificate {
    /// As browsers and systems import it.
    pub pem: String,
    /// SHA-256 of the certificate, as browsers show it: `AB:CD:…`.
    pub fingerprint: String,
    /// The last day on which it is good.
    pub until: String,
    key_pem: String,
}

/// What it was made for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MadeFor {
    names: Vec<String>,
    until: Date,
}

impl Certificate {
    /// The certificate kept in `dir` if it is for these names and good today, or a new one.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn in_dir(dir: &Path, names: &[String], today: Date) -> Result<Certificate, UserError> {
        if let Some(kept) = kept(dir, names, today) {
            return Ok(kept);
        }
        let until = today.saturating_add(DAYS.days());
        let (pem, key_pem) = make(names, today, until).map_err(|error| UserError {
            what: format!("No certificate could be made: {error}"),
            cause: "the operating system has no randomness".into(),
            next: "restart the machine".into(),
        })?;
        let made_for = MadeFor {
            names: names.to_vec(),
            until,
        };
        let made_for = serde_json::to_string(&made_for).unwrap_or_default();
        // What it is for is written last: without it, the other two count for nothing.
        for (name, text) in [
            ("key.pem", &key_pem),
            ("certificate.pem", &pem),
            ("certificate.json", &made_for),
        ] {
            write(dir, name, text).map_err(|error| UserError {
                what: format!("{} cannot be written: {error}", dir.join(name).display()),
                cause: "the disk is full, or the folder belongs to somebody else".into(),
                next: "make room, or name another folder with --data".into(),
            })?;
        }
        Ok(Certificate {
            fingerprint: fingerprint(&pem).unwrap_or_default(),
            pem,
            until: until.to_string(),
            key_pem,
        })
    }

    /// What TLS needs: the certificate and its key.
    ///
    /// # Errors
    /// One of them is no PEM.
    pub fn parts(&self) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), UserError> {
        let unreadable = |what: String| UserError {
            what: format!("The class's certificate cannot be read: {what}"),
            cause: "its file in the data folder was changed".into(),
            next: "playground class end, and begin again".into(),
        };
        let certificate = CertificateDer::from_pem_slice(self.pem.as_bytes())
            .map_err(|error| unreadable(error.to_string()))?;
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes())
            .map_err(|error| unreadable(error.to_string()))?;
        Ok((certificate, key))
    }
}

fn kept(dir: &Path, names: &[String], today: Date) -> Option<Certificate> {
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).ok();
    let made_for: MadeFor = serde_json::from_str(&read("certificate.json")?).ok()?;
    // Not one that ends in the middle of the day.
    if made_for.names != names || made_for.until <= today {
        return None;
    }
    let pem = read("certificate.pem")?;
    let kept = Certificate {
        fingerprint: fingerprint(&pem)?,
        key_pem: read("key.pem")?,
        until: made_for.until.to_string(),
        pem,
    };
    kept.parts().is_ok().then_some(kept)
}

fn make(names: &[String], from: Date, until: Date) -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(
        DnType::CommonName,
        format!("Empty Room class at {}", names.join(", ")),
    );
    let day = |date: Date| {
        let part = |n: i8| u8::try_from(n).unwrap_or(1);
        date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    // Laptops whose clocks are a day behind join, too.
    params.not_before = day(from.saturating_sub(1.day()));
    params.not_after = day(until.saturating_add(1.day()));
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

fn fingerprint(pem: &str) -> Option<String> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let bytes = Sha256::digest(&der);
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    Some(pairs.join(":"))
}

/// Whole or not at all, and readable by its owner alone, as temporary files are.
fn write(dir: &Path, name: &str, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(dir.join(name))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn a_certificate_stays_until_it_ends_or_the_address_changes() {
        let dir = tempfile::tempdir().expect("a folder");
        let of = |names: &[&str], today| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            Certificate::in_dir(dir.path(), &names, day(today)).expect("a certificate")
        };
        let first = of(&["192.0.2.7"], "2026-03-01");
        assert_eq!(first.fingerprint.len(), 32 * 3 - 1);
        assert_eq!(first.until, "2026-03-31");
        assert_eq!(
            of(&["192.0.2.7"], "2026-03-30").fingerprint,
            first.fingerprint
        );
        let renewed = of(&["192.0.2.7"], "2026-03-31");
        assert_ne!(renewed.fingerprint, first.fingerprint);
        let moved = of(&["192.0.2.8"], "2026-03-31");
        assert_ne!(moved.fingerprint, renewed.fingerprint);
        moved.parts().expect("both can be read");
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        Certificate::in_dir(dir.path(), &["127.0.0.1".into()], day("2026-03-01")).expect("made");
        let facts = std::fs::metadata(dir.path().join("key.pem")).expect("it is there");
        assert_eq!(facts.permissions().mode() & 0o077, 0);
    }

    #[test]
    fn one_that_was_damaged_is_made_anew() {
        let dir = tempfile::tempdir().expect("a folder");
        let names = ["127.0.0.1".to_owned()];
        let of = || Certificate::in_dir(dir.path(), &names, day("2026-03-01")).expect("made");
        let first = of();
        std::fs::write(dir.path().join("key.pem"), "half").expect("written");
        let second = of();
        assert_ne!(first.fingerprint, second.fingerprint);
        second.parts().expect("both can be read");
    }
}
