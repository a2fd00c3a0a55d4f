//! A TLS client, and no authorities that it would trust.
//!
//! It fails for sure where the program's own code calls `http.Get("https://…")` or `tls.Dial` without
//! a configuration, and where the image names certificates that are not there, or that its user may
//! not read. A TLS client that is only linked in is a question.
//!
//! Source: where Go's `crypto/x509` looks for them (`root_unix.go`, `root_linux.go`). A pool of the
//! program's own (`SetFallbackRoots`) counts; which `RootCAs` a `tls.Config` names is known at run
//! time only.

use super::prelude::*;
use crate::image::notable::{CA_DIRECTORIES, CA_FILES, CaPlace};

pub(super) static RULE: Rule = Rule {
    order: 140,
    id: "no-ca-certificates",
    title: "TLS client without CA certificates",
    page: Some("museum/x509.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let mut evidence = go.evidence(Ability::TlsClient)?;
    if !go.cannot(Ability::OwnRoots) {
        return None;
    }
    let image = &context.image;
    if ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .iter()
        .any(|name| image.env_unknown(name))
    {
        return None;
    }
    let path = &go.path;
    let does = go.does(Ability::TlsClient);
    let (what, fix) = match roots(image) {
        Roots::There => return None,
        Roots::Unreadable(file) => {
            evidence.push(format!("{file} is not readable for the image's user"));
            (
                format!("{path} can dial TLS servers, and its user may not read {file}."),
                format!("chmod 644 {file}, and 755 for the directories above it"),
            )
        }
        Roots::None => {
            let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
            let named = named.iter().filter_map(|name| {
                let value = image.env(name).filter(|value| !value.is_empty())?;
                Some(format!("{name}={value} leads to nothing"))
            });
            // Whoever names a place wants it to be read.
            let sure: Vec<_> = named
                .chain(does.iter().map(|one| one.to_string()))
                .collect();
            let nothing = "no certificates in /etc/ssl/certs and Go's other places";
            let fix = "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/, or start \
                 from gcr.io/distroless/static-debian13, or import \
                 golang.org/x/crypto/x509roots/fallback";
            evidence.extend(sure.iter().cloned());
            evidence.push(nothing.into());
            if sure.is_empty() {
                return Some(Explanation::asks(
                    format!(
                        "{path} has a TLS client in it, and the image has no certificates of \
                         authorities. Does it dial servers that a public authority vouches for? \
                         Then: x509: certificate signed by unknown authority. With a pool of its \
                         own (RootCAs), or plain HTTP alone, it does not mind."
                    ),
                    evidence,
                    fix,
                ));
            }
            (
                format!(
                    "{path} dials TLS servers, and the image has no certificates of authorities: \
                     x509: certificate signed by unknown authority."
                ),
                fix.to_owned(),
            )
        }
    };
    Some(Explanation::will_fail(
        "verifies a TLS server with the system's certificates",
        what,
        evidence,
        fix,
    ))
}

enum Roots {
    /// At least one file that may hold certificates and may be read.
    There,
    /// There are, and the image's user may not read them.
    Unreadable(String),
    None,
}

/// What the variables name replaces the usual file, or the usual directories.
fn roots(image: &ImageContext<'_>) -> Roots {
    let set = |name| image.env(name).filter(|value| !value.is_empty());
    let files: Vec<String> = match set("SSL_CERT_FILE") {
        Some(file) => vec![image.absolute(file)],
        None => CA_FILES.map(String::from).into(),
    };
    let directories: Vec<String> = match set("SSL_CERT_DIR") {
        Some(list) => list.split(':').map(|path| image.absolute(path)).collect(),
        None => CA_DIRECTORIES.map(String::from).into(),
    };
    let bundles = files.iter().map(|path| CaPlace::Bundle(path));
    let places = bundles.chain(directories.iter().map(|path| CaPlace::Directory(path)));
    let tree = image.tree;
    let mut unreadable = None;
    for place in places {
        if image.volume_at(place.path()) || image.touched(place.path()) {
            return Roots::There;
        }
        for (path, id) in place.certificates(tree, &image.inspection.seen) {
            let may = image.identity.as_ref().is_none_or(|user| {
                user.may(tree, id, Right::Read) && user.stopped_at(tree, &path).is_none()
            });
            if may {
                return Roots::There;
            }
            unreadable.get_or_insert(path);
        }
    }
    unreadable.map_or(Roots::None, Roots::Unreadable)
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;
    use serde_json::json;

    const TLS: Can = (Ability::TlsClient, "crypto/tls.dial");
    const ROOTS: Can = (Ability::OwnRoots, "crypto/x509.SetFallbackRoots");
    const PEM: &[u8] = b"# ours\n-----BEGIN CERTIFICATE-----\n";
    const NO_CA: [&str; 1] = ["will fail: no-ca-certificates"];
    const ASKED: [&str; 1] = ["advice: no-ca-certificates"];

    #[test]
    fn a_call_of_its_own_code_is_certain() {
        let get = (
            Ability::TlsClient,
            "net/http.(*Client).Get",
            "https://a.test/",
        );
        assert_eq!(go_does(json!({}), &[get], &[TLS], &[]), NO_CA);
        assert_eq!(go_does(json!({}), &[get], &[TLS, ROOTS], &[]), NOTHING);
    }

    #[test]
    fn a_tls_client_needs_certificates_from_anywhere_go_looks() {
        assert_eq!(go_with(&[TLS], &[]), ASKED);
        assert_eq!(go_with(&[], &[]), NOTHING);
        assert_eq!(go_with(&[TLS, ROOTS], &[]), NOTHING);
        let bundle = Make::File("etc/ssl/certs/ca-certificates.crt", PEM);
        assert_eq!(go_with(&[TLS], &[bundle]), NOTHING);
        let alpine = Make::File("etc/ssl/cert.pem", PEM);
        assert_eq!(go_with(&[TLS], &[alpine]), NOTHING);
        let one = Make::File("etc/pki/tls/certs/ours.pem", PEM);
        assert_eq!(go_with(&[TLS], &[one]), NOTHING);
        assert_eq!(go_with(&[TLS], &[Make::Dir("etc/ssl/certs")]), ASKED);
        let own = Make::File("roots.pem", PEM);
        assert_eq!(
            go_env(
                &["SSL_CERT_FILE=/roots.pem"],
                &[TLS],
                std::slice::from_ref(&own)
            ),
            NOTHING
        );
        assert_eq!(
            go_env(
                &["SSL_CERT_FILE=/gone.pem"],
                &[TLS],
                std::slice::from_ref(&own)
            ),
            NO_CA
        );
        assert_eq!(go_env(&["SSL_CERT_DIR=/x:/"], &[TLS], &[own]), NOTHING);
    }

    /// Go reads text alone, and so do OpenSSL and its likes.
    #[test]
    fn a_bundle_in_another_form_is_none() {
        let der: &[u8] = b"\x30\x82\x05\x6b\x30\x82";
        for name in ["etc/ssl/certs/ca-certificates.crt", "etc/ssl/certs/own.pem"] {
            assert_eq!(go_with(&[TLS], &[Make::File(name, der)]), ASKED, "{name}");
        }
        let both = [
            Make::File("etc/ssl/certs/own.der", der),
            Make::File("etc/ssl/certs/own.pem", PEM),
        ];
        assert_eq!(go_with(&[TLS], &both), NOTHING);
        let env = ["SSL_CERT_FILE=/roots.crt"];
        let roots = [Make::File("roots.crt", der)];
        assert_eq!(go_env(&env, &[TLS], &roots), NO_CA);
    }

    #[test]
    fn certificates_that_the_user_may_not_read_are_none() {
        let shut = [
            Make::DirMode("etc/ssl/certs", 0o700),
            Make::File("etc/ssl/certs/ca-certificates.crt", PEM),
        ];
        assert_eq!(go_as("7", &[TLS], &shut), NO_CA);
        assert_eq!(go_as("", &[TLS], &shut), NOTHING);
    }
}
