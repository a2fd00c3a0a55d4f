//! Files that look like secrets. Conservative: a name alone is never enough, and examples
//! and tests are left out. Only the kind is told, never what a file says.

use super::content::EntryContent;
use serde::Serialize;
use std::io;

/// Bytes of a file that are looked at.
const MAX_SEARCHED: usize = 16 << 10;

/// What kind of secret a file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Secret {
    /// A private key in PEM or OpenSSH's form, for any use.
    PrivateKey,
    /// `.env` with a password, token, key or secret that has a value.
    Environment,
    /// AWS, Google Cloud or Azure credentials.
    Cloud,
    /// Credentials of a registry, package index, Git or Kubernetes.
    Tool,
}

/// Directories whose files only look like secrets, or were published with a package: Go's own
/// source has a key among its tests.
const EXAMPLES: &str = "testdata test tests example examples sample samples fixtures doc docs mock \
    mocks node_modules site-packages dist-packages";
const PUBLISHED: [&str; 3] = ["usr/local/go/", "go/pkg/mod/", "usr/share/"];

/// What kind of secret a file looks like; `None` for nearly all.
pub(super) fn secret(content: &mut EntryContent<'_>) -> io::Result<Option<Secret>> {
    let entry = content.entry();
    let mut parts = entry.path.rsplit('/');
    let name = parts.next().unwrap_or("");
    let parent = parts.next().unwrap_or("");
    let published = PUBLISHED.iter().any(|root| entry.path.starts_with(root));
    let is_example = |part| EXAMPLES.split(' ').any(|example| example == part);
    if published || entry.size == 0 || entry.path.split('/').any(is_example) {
        return Ok(None);
    }
    if content.prefix(11)? == b"-----BEGIN " {
        let head = String::from_utf8_lossy(content.prefix(80)?);
        let first = head.lines().next().unwrap_or("");
        return Ok(first.contains("PRIVATE KEY").then_some(Secret::PrivateKey));
    }
    let (kind, words): (Secret, &[&[&str]]) = match (parent, name) {
        (_, ".env" | ".env.production" | ".env.prod" | ".env.local" | ".env.staging") => {
            (Secret::Environment, &[])
        }
        (".aws", "credentials") => (Secret::Cloud, &[&["aws_secret_access_key"]]),
        (".azure", "accessTokens.json" | "msal_token_cache.json") => {
            (Secret::Cloud, &[&["accessToken"], &["secret"]])
        }
        (_, "application_default_credentials.json") => {
            (Secret::Cloud, &[&["refresh_token"], &["private_key"]])
        }
        (".docker", "config.json") | (_, ".dockercfg") => {
            (Secret::Tool, &[&["\"auth\":"], &["\"identitytoken\":"]])
        }
        (".kube", "config") => (Secret::Tool, &[&["client-key-data:"], &["token:"]]),
        (_, ".netrc") => (Secret::Tool, &[&["machine", "password"]]),
        (_, ".npmrc") => (Secret::Tool, &[&["_authToken="], &["_password="]]),
        (_, ".pypirc") => (Secret::Tool, &[&["password"]]),
        (_, ".git-credentials") => (Secret::Tool, &[&["://", "@"]]),
        _ if name.ends_with(".json") && entry.size <= MAX_SEARCHED as u64 => (
            Secret::Cloud,
            &[&["\"type\"", "\"service_account\"", "\"private_key\""]],
        ),
        _ => return Ok(None),
    };
    let text = String::from_utf8_lossy(content.prefix(MAX_SEARCHED)?);
    let found = match kind {
        Secret::Environment => text.lines().any(names_a_secret),
        _ => words
            .iter()
            .any(|all| all.iter().all(|word| text.contains(word))),
    };
    Ok(found.then_some(kind))
}

/// `DB_PASSWORD=…` with a value that is neither empty nor a reference.
pub(crate) fn names_a_secret(line: &str) -> bool {
    let line = line.trim().trim_start_matches("export ");
    let Some((name, value)) = line.split_once('=') else {
        return false;
    };
    let name = name.trim().to_ascii_uppercase();
    let value = value.trim().trim_matches(['"', '\'']);
    let words = "PASSWORD PASSWD SECRET TOKEN API_KEY PRIVATE_KEY ACCESS_KEY";
    let placeholder =
        value.len() < 6 || value.starts_with(['$', '<', '{']) || name.starts_with('#');
    !placeholder && words.split(' ').any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::entry::{Entry, Kind};

    fn of(path: &str, bytes: &[u8]) -> Option<Secret> {
        let entry = Entry {
            path: path.into(),
            kind: Kind::File,
            size: bytes.len() as u64,
            mode: 0o600,
            uid: 0,
            gid: 0,
            capabilities: None,
        };
        let mut reader = bytes;
        secret(&mut EntryContent::new(&entry, false, &mut reader)).expect("read")
    }

    #[test]
    fn secrets_are_told_by_name_and_words() {
        let key = b"-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n";
        assert_eq!(of("root/.ssh/id_ed25519", key), Some(Secret::PrivateKey));
        assert_eq!(
            of("app/.env", b"A=b\nexport DB_PASSWORD='hunter22'\n"),
            Some(Secret::Environment)
        );
        let aws = b"[default]\naws_secret_access_key = none\n";
        assert_eq!(of("root/.aws/credentials", aws), Some(Secret::Cloud));
        let google = br#"{"type": "service_account", "private_key": "none"}"#;
        assert_eq!(of("srv/sa.json", google), Some(Secret::Cloud));
        assert_eq!(
            of(
                "root/.docker/config.json",
                br#"{"auths":{"x":{"auth": "none"}}}"#
            ),
            Some(Secret::Tool)
        );
        assert_eq!(
            of("root/.netrc", b"machine x login y password z"),
            Some(Secret::Tool)
        );
    }

    #[test]
    fn what_only_looks_like_a_secret_is_left_out() {
        let key = b"-----BEGIN RSA PRIVATE KEY-----\nnone\n";
        assert_eq!(
            of("usr/local/go/src/crypto/tls/testdata/key.pem", key),
            None
        );
        assert_eq!(
            of("etc/ssl/cert.pem", b"-----BEGIN CERTIFICATE-----\n"),
            None
        );
        assert_eq!(
            of("app/.env", b"PORT=8080\nDB_PASSWORD=\nAPI_TOKEN=${TOKEN}\n"),
            None
        );
        assert_eq!(of("app/.env.example", b"DB_PASSWORD=hunter22\n"), None);
        assert_eq!(
            of("root/.docker/config.json", br#"{"credsStore":"desktop"}"#),
            None
        );
        assert_eq!(of("app/package.json", br#"{"type": "module"}"#), None);
        assert_eq!(of("root/.ssh/id_rsa", b""), None);
    }
}
