//! A TLS client and the authorities that it would trust, as Go's `crypto/x509` finds them
//! (`root_unix.go`, `root_linux.go`).

use super::{Go, Need};
use crate::binary::linked::Ability;
use crate::entrypoint::ImageContext;
use crate::entrypoint::Right;
use crate::image::notable::{CA_DIRECTORIES, CA_FILES, CaPlace};
use crate::preflight::finding::Severity;
use crate::preflight::rule::Rule;

enum Roots {
    /// At least one file that may hold certificates and may be read.
    There,
    /// There are, and the image's user may not read them.
    Unreadable(String),
    None,
}

pub(super) fn check(context: &ImageContext<'_>, go: &Go<'_>) -> Option<Need> {
    if go.cannot(Ability::TlsClient) || !go.cannot(Ability::OwnRoots) {
        return None;
    }
    let roots = roots(context);
    let path = &go.path;
    let mut evidence = go.evidence(Ability::TlsClient);
    let (what, fix) = match roots {
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
                let value = context.env(name).filter(|value| !value.is_empty())?;
                Some(format!("{name}={value} leads to nothing"))
            });
            evidence.extend(named);
            evidence.push("no certificates in /etc/ssl/certs and Go's other places".into());
            (
                format!(
                    "{path} can dial TLS servers, and the image has no certificates of \
                     authorities: x509: certificate signed by unknown authority. A program that \
                     brings its own pool (RootCAs) does not mind."
                ),
                "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/, or start \
                 from gcr.io/distroless/static-debian12, or import \
                 golang.org/x/crypto/x509roots/fallback"
                    .to_owned(),
            )
        }
    };
    Some(Need {
        rule: Rule::NoCaCertificates,
        severity: Severity::WillFail,
        what,
        when: "verifies a TLS server with the system's certificates",
        evidence,
        fix,
    })
}

/// What the variables name replaces the usual file, or the usual directories.
fn roots(context: &ImageContext<'_>) -> Roots {
    let set = |name| context.env(name).filter(|value| !value.is_empty());
    let files: Vec<String> = match set("SSL_CERT_FILE") {
        Some(file) => vec![context.absolute(file)],
        None => CA_FILES.map(String::from).into(),
    };
    let directories: Vec<String> = match set("SSL_CERT_DIR") {
        Some(list) => list.split(':').map(|path| context.absolute(path)).collect(),
        None => CA_DIRECTORIES.map(String::from).into(),
    };
    let bundles = files.iter().map(|path| CaPlace::Bundle(path));
    let places = bundles.chain(directories.iter().map(|path| CaPlace::Directory(path)));
    let tree = context.tree;
    let mut unreadable = None;
    for place in places {
        if context.volume_at(place.path()) {
            return Roots::There;
        }
        for (path, id) in place.certificates(tree) {
            let may = context.identity.as_ref().is_none_or(|who| {
                who.may(tree, id, Right::Read) && who.stopped_at(tree, &path).is_none()
            });
            if may {
                return Roots::There;
            }
            unreadable.get_or_insert(path);
        }
    }
    unreadable.map_or(Roots::None, Roots::Unreadable)
}
