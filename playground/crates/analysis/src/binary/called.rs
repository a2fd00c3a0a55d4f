//! What a Go program's own code does, by what it calls and with which constants.
//!
//! Linked in is not called ([`linked`](super::linked)); this is the other side: a function of the
//! program's own module calls `exec.Command("git")`, and `main` leads there. Only calls whose
//! arguments say that it needs what an image may lack are taken: a `CreateTemp("/data", …)`, a
//! `LoadLocation("UTC")` need nothing, and what comes from a variable cannot be told.

use super::go::{Asked, Call, Code};
use super::linked::Ability;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// Uses of one ability that are kept of a program.
const MAX_USES: usize = 16;

/// Letters of a function's name that are kept.
const MAX_NAME: usize = 200;

/// Something that a program's own code does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// What it needs for it.
    pub ability: Ability,
    /// `main` leads there by direct calls within the program's module, or an `init` does, and no
    /// condition leads around.
    pub from_main: bool,
    /// The function that is called: `os/exec.Command`.
    pub call: &'static str,
    /// The constant that it is called with: the program's name, the zone, the address. Empty where there
    /// is none, and for directories that are not told.
    pub with: String,
    /// The calling function.
    pub by: String,
}

impl Use {
    /// It only asks whether there is such a program.
    pub(crate) fn looks_for_program(&self) -> bool {
        LOOK_PATH.contains(&self.call)
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Use { call, with, by, .. } = self;
        match with.is_empty() {
            true => write!(f, "{by} calls {call}"),
            false => write!(f, "{by} calls {call} with {with:?}"),
        }
    }
}

/// Makes a directory.
pub(crate) const MAKE: &str = "os.Mkdir";
/// Makes all directories of a path that are missing.
pub(crate) const MAKE_ALL: &str = "os.MkdirAll";
/// The flag of `os.OpenFile` that makes a file where there is none: `syscall.O_CREAT` of Linux.
const O_CREAT: u64 = 0x40;
/// Names that Go knows itself (`net/lookup.go`), without `/etc/services`.
const KNOWN_SERVICES: [&str; 17] = [
    "domain",
    "ftp",
    "ftps",
    "gopher",
    "http",
    "https",
    "imap2",
    "imap3",
    "imaps",
    "pop3",
    "pop3s",
    "smtp",
    "submissions",
    "ssh",
    "telnet",
    "",
    "*",
];

/// A function, and what a call of it says.
type Meaning = (
    &'static str,
    Ability,
    fn(&Call<'_>, &Code<'_>) -> Option<String>,
);

/// Asks whether there is such a program: it can do without, or says so itself. The other is what it
/// comes to where it is inlined.
const LOOK_PATH: [&str; 2] = ["os/exec.LookPath", "os/exec.lookPath"];

const MEANINGS: [Meaning; 30] = [
    (LOOK_PATH[0], Ability::StartPrograms, |call, _| {
        command(call.text(0)?)
    }),
    (LOOK_PATH[1], Ability::StartPrograms, |call, _| {
        command(call.text(0)?)
    }),
    ("os/exec.Command", Ability::StartPrograms, |call, _| {
        command(call.text(0)?)
    }),
    (
        "os/exec.CommandContext",
        Ability::StartPrograms,
        |call, _| command(call.text(2)?),
    ),
    ("time.LoadLocation", Ability::TimeZones, |call, _| {
        zone(call.text(0)?)
    }),
    ("os/user.Lookup", Ability::Users, |call, _| {
        name(call.text(0)?)
    }),
    ("os/user.LookupGroup", Ability::Users, |call, _| {
        name(call.text(0)?)
    }),
    ("os.CreateTemp", Ability::TemporaryFiles, |call, _| {
        nowhere(call)
    }),
    ("os.MkdirTemp", Ability::TemporaryFiles, |call, _| {
        nowhere(call)
    }),
    ("os.WriteFile", Ability::WriteFiles, |call, code| {
        path(call.text(0)?, code)
    }),
    ("os.Create", Ability::WriteFiles, |call, code| {
        path(call.text(0)?, code)
    }),
    // `os.Create` is inlined: it opens with flags.
    ("os.OpenFile", Ability::WriteFiles, |call, code| {
        let creates = call.number(2)? & O_CREAT != 0;
        path(call.text(0)?, code).filter(|_| creates)
    }),
    (MAKE, Ability::WriteFiles, |call, code| {
        path(call.text(0)?, code)
    }),
    (MAKE_ALL, Ability::WriteFiles, |call, code| {
        path(call.text(0)?, code)
    }),
    ("net.Listen", Ability::Listen, |call, _| {
        address(call.text(2)?)
    }),
    ("net/http.ListenAndServe", Ability::Listen, |call, _| {
        address(call.text(0)?)
    }),
    ("net/http.ListenAndServeTLS", Ability::Listen, |call, _| {
        address(call.text(0)?)
    }),
    ("net.LookupPort", Ability::Services, |call, _| {
        service(call.text(2)?)
    }),
    // What it comes to where it is inlined.
    (
        "net.(*Resolver).LookupPort",
        Ability::Services,
        |call, _| service(call.text(5)?),
    ),
    ("net.Dial", Ability::Services, |call, _| {
        service(call.text(2)?.rsplit_once(':')?.1)
    }),
    ("database/sql.Open", Ability::CgoStub, |call, _| {
        driver(call.text(0)?)
    }),
    // `http.Get` and its likes are inlined: they hand the default client over, a global variable.
    (
        "net/http.(*Client).Get",
        Ability::TlsClient,
        by_default_client,
    ),
    (
        "net/http.(*Client).Head",
        Ability::TlsClient,
        by_default_client,
    ),
    (
        "net/http.(*Client).Post",
        Ability::TlsClient,
        by_default_client,
    ),
    ("net/http.Get", Ability::TlsClient, |call, _| {
        url(call.text(0)?)
    }),
    ("net/http.Head", Ability::TlsClient, |call, _| {
        url(call.text(0)?)
    }),
    ("net/http.Post", Ability::TlsClient, |call, _| {
        url(call.text(0)?)
    }),
    // With a nil `*tls.Config`, the system's authorities are what is trusted.
    ("crypto/tls.Dial", Ability::TlsClient, |call, _| {
        dialled(call, 4, 2)
    }),
    (
        "crypto/tls.DialWithDialer",
        Ability::TlsClient,
        |call, _| dialled(call, 5, 3),
    ),
    ("crypto/tls.dial", Ability::TlsClient, |call, _| {
        dialled(call, 7, 5)
    }),
];

/// What is asked about calls of this function; `None` where they say nothing.
pub(super) fn asked(function: &str) -> Option<Asked> {
    let says = MEANINGS.iter().any(|(name, ..)| *name == function);
    says.then(|| Asked {
        error: error_of(function),
    })
}

/// Where a function's error is among the registers of its results.
fn error_of(function: &str) -> Option<usize> {
    match function {
        "os/exec.Command" | "os/exec.CommandContext" => None,
        "os.WriteFile" | MAKE | MAKE_ALL => Some(0),
        "net/http.ListenAndServe" | "net/http.ListenAndServeTLS" => Some(0),
        // Behind a text or an interface.
        "os.MkdirTemp" | "net.Listen" | "net.Dial" => Some(2),
        name if LOOK_PATH.contains(&name) => Some(2),
        _ => Some(1),
    }
}

/// What these calls say, each thing once.
pub fn uses(calls: &[Call<'_>], code: &Code<'_>) -> Vec<Use> {
    let mut uses = BTreeSet::new();
    for call in calls {
        let Some((to, ability, with)) = MEANINGS.iter().find(|(name, ..)| *name == call.to) else {
            continue;
        };
        // Directories that it makes anywhere may be those that another call needs.
        let somewhere = makes(to).then(String::new);
        let known = with(call, code);
        let sure = known.is_some() && !LOOK_PATH.contains(to);
        if let Some(with) = known.or(somewhere) {
            uses.insert(Use {
                ability: *ability,
                // Who throws its error away can do without.
                from_main: sure && call.from_main && !error_of(to).is_some_and(|at| call.drops(at)),
                call: to,
                with,
                by: call.by.chars().take(MAX_NAME).collect(),
            });
        }
    }
    // What `main` leads to first.
    let mut uses: Vec<_> = uses.into_iter().rev().collect();
    uses.sort_by_key(|one| !one.from_main);
    bounded(uses)
}

/// The first uses of each ability.
fn bounded(mut uses: Vec<Use>) -> Vec<Use> {
    let mut kept: HashMap<Ability, usize> = HashMap::new();
    let mut unkept = None;
    uses.retain(|one| {
        let kept = kept.entry(one.ability).or_default();
        *kept += 1;
        if *kept > MAX_USES && makes(one.call) {
            unkept = Some(one.clone());
        }
        *kept <= MAX_USES
    });
    // Which directories these make is not told any more, but that they do.
    uses.extend(unkept.map(|one| Use {
        from_main: false,
        with: String::new(),
        ..one
    }));
    uses
}

/// Whether a function makes directories.
fn makes(function: &str) -> bool {
    [MAKE, MAKE_ALL].contains(&function)
}

/// A program's name or path; the text may be anything.
fn command(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+/".contains(&byte);
    (!text.is_empty() && text.bytes().all(plain)).then(|| text.to_owned())
}

/// `Europe/Berlin`, but not what every program knows.
fn zone(text: &str) -> Option<String> {
    let known = matches!(text, "" | "UTC" | "Local");
    command(text).filter(|_| !known)
}

fn name(text: &str) -> Option<String> {
    command(text).filter(|name| !name.contains('/'))
}

fn driver(text: &str) -> Option<String> {
    (text == "sqlite3").then(|| text.to_owned())
}

/// A place for a file, where the program stays in its working directory or names it in full.
fn path(text: &str, code: &Code<'_>) -> Option<String> {
    let stays = text.starts_with('/') || !code.mentions("os.Chdir");
    command(text).filter(|_| stays)
}

/// `:80`, `127.0.0.1:http`.
fn address(text: &str) -> Option<String> {
    let (host, port) = text.rsplit_once(':')?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    (plain(host) && !port.is_empty() && plain(port)).then(|| text.to_owned())
}

/// A name of a port that Go looks up in `/etc/services`.
fn service(text: &str) -> Option<String> {
    let number = text.bytes().all(|byte| byte.is_ascii_digit());
    command(text).filter(|name| !number && !KNOWN_SERVICES.contains(&name.as_str()))
}

fn url(text: &str) -> Option<String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    (plain && text.starts_with("https://")).then(|| text.to_owned())
}

/// In the directory of temporary files: no other is named.
fn nowhere(call: &Call<'_>) -> Option<String> {
    (call.text(0)?.is_empty()).then(String::new)
}

fn by_default_client(call: &Call<'_>, code: &Code<'_>) -> Option<String> {
    let method = call.to.rsplit('.').next()?;
    let inlined = code.mentions(&format!("net/http.{method}"));
    let default = inlined && call.is_global(0) && !call.own_transport;
    default.then(|| url(call.text(1)?))?
}

/// `tls.Dial` without a configuration.
fn dialled(call: &Call<'_>, config: usize, address: usize) -> Option<String> {
    let address = call.text(address).unwrap_or_default();
    call.is_zero(config).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_it_makes_directories_is_kept_whatever_else_it_does() {
        let one = |call, n: usize| Use {
            ability: Ability::WriteFiles,
            from_main: call == "os.WriteFile",
            call,
            with: format!("/data/{n}"),
            by: "main.main".to_owned(),
        };
        for make in [MAKE, MAKE_ALL] {
            let files = (0..20).map(|n| one("os.WriteFile", n));
            let kept = bounded(files.chain((0..20).map(|n| one(make, n))).collect());
            assert_eq!(kept.len(), MAX_USES + 1);
            let last = kept.last().expect("some");
            assert_eq!((last.call, &*last.with, last.from_main), (make, "", false));
        }
        let files: Vec<Use> = (0..20).map(|n| one("os.WriteFile", n)).collect();
        assert_eq!(bounded(files).len(), MAX_USES);
    }

    /// The registers that stand before a function's error, by its results as Go declares them: a text
    /// and an interface take two.
    #[test]
    fn an_error_stands_behind_the_other_results() {
        for (function, ..) in MEANINGS {
            let before = match function {
                "os/exec.Command" | "os/exec.CommandContext" => None,
                // string
                "os/exec.LookPath" | "os/exec.lookPath" | "os.MkdirTemp" => Some(2),
                // net.Listener, net.Conn
                "net.Listen" | "net.Dial" => Some(2),
                // *time.Location, *user.User, *user.Group, *os.File, int, *sql.DB, *http.Response, *tls.Conn
                "time.LoadLocation" | "os/user.Lookup" | "os/user.LookupGroup" => Some(1),
                "os.CreateTemp" | "os.Create" | "os.OpenFile" | "net.LookupPort" => Some(1),
                "net.(*Resolver).LookupPort" | "database/sql.Open" => Some(1),
                "crypto/tls.Dial" | "crypto/tls.DialWithDialer" | "crypto/tls.dial" => Some(1),
                get if get.starts_with("net/http.") && !get.contains("Listen") => Some(1),
                // Nothing
                "os.WriteFile" | "os.Mkdir" | "os.MkdirAll" => Some(0),
                "net/http.ListenAndServe" | "net/http.ListenAndServeTLS" => Some(0),
                other => panic!("{other}: what does it give?"),
            };
            assert_eq!(error_of(function), before, "{function}");
        }
    }
}
