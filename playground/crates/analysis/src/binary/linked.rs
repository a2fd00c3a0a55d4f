//! Which code is in a Go program: the questions that a check before running puts.
//!
//! Linked in is not called: the linker keeps what may be reached. So an answer of yes means
//! "it can", and only an answer of no is certain.

use super::go::Code;
use serde::Serialize;

/// Verifies a certificate: with the system's authorities, where no others are named.
const VERIFY: &str = "crypto/x509.(*Certificate).Verify";

/// A question about a Go program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// Verify certificates as a TLS client does: needs CA certificates.
    TlsClient,
    /// Load a time zone by name: needs zoneinfo.
    TimeZones,
    /// Carries the time zone database itself (`time/tzdata`, `-tags timetzdata`).
    OwnTimeZones,
    /// Carries CA certificates itself (`golang.org/x/crypto/x509roots/fallback`).
    OwnRoots,
    /// Look users or groups up: needs /etc/passwd, /etc/group.
    Users,
    /// Make temporary files: needs a temporary directory.
    TemporaryFiles,
    /// Listen on a socket.
    Listen,
    /// Start other programs.
    StartPrograms,
    /// Tell local time, in the zone that `TZ` or `/etc/localtime` names.
    LocalTime,
    /// Has a database driver that is C, in the form that is built without cgo: it only says so.
    CgoStub,
    /// Serve files over HTTP, with a type by their extension: needs a table of types.
    ServeFiles,
    /// Name types of extensions itself (`mime.AddExtensionType`).
    OwnTypes,
    /// Make files or directories at a place that its own code names. Nearly every program can, so
    /// that only its calls say something.
    WriteFiles,
    /// Look a port up by a name that Go does not know itself: needs /etc/services. As above.
    Services,
}

impl Ability {
    /// All questions that what is linked in answers.
    pub const ALL: [Self; 12] = [
        Self::TlsClient,
        Self::TimeZones,
        Self::OwnTimeZones,
        Self::OwnRoots,
        Self::Users,
        Self::TemporaryFiles,
        Self::Listen,
        Self::StartPrograms,
        Self::LocalTime,
        Self::CgoStub,
        Self::ServeFiles,
        Self::OwnTypes,
    ];

    /// Functions (with escapes) that answer yes, and packages, whichever of their functions are
    /// in. All functions are too large to be inlined, or are found by the name that inlining
    /// leaves.
    fn names(self) -> &'static [&'static str] {
        match self {
            // Not `(*Conn).clientHandshake`: being a method, it is in every TLS server too.
            Self::TlsClient => &[
                "net/http.(*persistConn).addTLS",
                "crypto/tls.dial",
                "crypto/tls.Client",
                "net/smtp.(*Client).StartTLS",
                // Only who asks for the system's authorities themselves, to verify what is no TLS.
                "crypto/x509.SystemCertPool",
                VERIFY,
            ],
            Self::TimeZones => &["time.LoadLocation"],
            Self::OwnTimeZones => &["time/tzdata.loadFromEmbeddedTZData"],
            // What golang.org/x/crypto/x509roots/fallback and its likes call.
            Self::OwnRoots => &[
                "crypto/x509.SetFallbackRoots",
                "golang.org/x/crypto/x509roots/fallback",
                "github.com/certifi/gocertifi",
                "github.com/gwatts/rootcerts",
            ],
            Self::Users => &[
                "os/user.Current",
                "os/user.Lookup",
                "os/user.LookupId",
                "os/user.LookupGroup",
                "os/user.LookupGroupId",
            ],
            // Those who make files of their own names there ask where it is.
            Self::TemporaryFiles => &["os.CreateTemp", "os.MkdirTemp", "os.TempDir"],
            Self::Listen => &[
                "net.Listen",
                "net.ListenPacket",
                "net.(*ListenConfig).Listen",
            ],
            Self::StartPrograms => &["os.StartProcess"],
            Self::LocalTime => &["time.initLocal"],
            // With cgo the method's receiver is a pointer, and this name is not there.
            Self::CgoStub => &["github.com/mattn/go-sqlite3.SQLiteDriver.Open"],
            // FileServer, ServeFile and ServeContent come to it.
            Self::ServeFiles => &["net/http.serveContent"],
            Self::OwnTypes => &["mime.AddExtensionType"],
            Self::WriteFiles | Self::Services => &[],
        }
    }
}

impl Code<'_> {
    /// Why the answer is yes: names of functions or packages. Empty: the answer is no.
    pub fn evidence(&self, ability: Ability) -> Vec<&'static str> {
        // Since Go 1.24 every HTTP server calls tls.Client itself, to wrap what is not encrypted.
        let server = self.mentions("net/http.unencryptedTLSConn");
        let tls = self.package("crypto/tls").is_some();
        let temporary = ["os.CreateTemp", "os.MkdirTemp"];
        // What others bring along says nothing of its own.
        let brought = |name: &str| match name {
            "crypto/tls.Client" => server,
            // For the certificates of clients, with authorities of its own.
            VERIFY => tls,
            "os.TempDir" => temporary.iter().any(|name| self.mentions(name)),
            _ => false,
        };
        let says = |name: &str| self.mentions(name) && !brought(name);
        let names = ability.names().iter().copied();
        names
            .filter(|name| says(name) || self.package(name).is_some())
            .collect()
    }

    /// Whether a function is in, be it only inlined into others. `name` is the symbol's, with
    /// escapes: `gopkg.in/yaml%2ev3.Unmarshal`.
    pub fn mentions(&self, name: &str) -> bool {
        if name.is_empty() || name.contains('\0') {
            return false;
        }
        memchr::memmem::find_iter(self.names, name).any(|at| {
            let before = at.checked_sub(1).and_then(|at| self.names.get(at));
            let after = self.names.get(at + name.len());
            before.is_none_or(|byte| *byte == 0) && after == Some(&0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::go::{Layout, Package, Totals};

    /// What says that a program with these functions and packages can.
    fn evidence(ability: Ability, functions: &[&str], packages: &[&str]) -> Vec<&'static str> {
        let names = format!("\0{}\0", functions.join("\0"));
        let package = |path: &&str| Package {
            path: (*path).to_owned(),
            ..Package::default()
        };
        let code = Code {
            layout: Layout::Go120,
            packages: packages.iter().map(package).collect(),
            totals: Totals::default(),
            regions: None,
            functions: Vec::new(),
            names: names.as_bytes(),
        };
        code.evidence(ability)
    }

    /// As Go 1.24 and later have in every HTTP server.
    const SERVER: [&str; 2] = ["net/http.unencryptedTLSConn", "crypto/tls.Client"];

    #[test]
    fn starttls_is_a_tls_client_in_a_server_too() {
        const STARTTLS: &str = "net/smtp.(*Client).StartTLS";
        let tls = ["crypto/tls"];
        let of = |functions: &[&str]| evidence(Ability::TlsClient, functions, &tls);
        assert_eq!(of(&SERVER), [""; 0]);
        assert_eq!(of(&[&SERVER[..], &[STARTTLS]].concat()), [STARTTLS]);
        assert_eq!(of(&["crypto/tls.Client"]), ["crypto/tls.Client"]);
    }

    #[test]
    fn a_file_of_an_own_name_among_the_temporary_ones_is_one() {
        let of = |functions: &[&str]| evidence(Ability::TemporaryFiles, functions, &[]);
        assert_eq!(of(&["os.TempDir", "os.WriteFile"]), ["os.TempDir"]);
        assert_eq!(of(&["os.TempDir", "os.CreateTemp"]), ["os.CreateTemp"]);
        assert_eq!(of(&["os.WriteFile"]), [""; 0]);
    }

    #[test]
    fn certificates_are_verified_without_tls_too() {
        let of = |packages: &[&str]| evidence(Ability::TlsClient, &[VERIFY], packages);
        assert_eq!(of(&["crypto/x509"]), [VERIFY]);
        // A TLS server has it for its clients' certificates, with authorities of its own.
        assert_eq!(of(&["crypto/x509", "crypto/tls"]), [""; 0]);
    }
}
