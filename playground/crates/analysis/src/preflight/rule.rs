//! The rules by name: what each is about, and the page of the book that shows it happen.

use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal, $title:literal, $page:expr;)+) => {
        /// A rule of preflight.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$name),+];

            /// Its name, as it is written in reports and after `--ignore`.
            pub fn id(self) -> &'static str {
                match self { $(Rule::$name => $id),+ }
            }

            /// What is wrong where it finds something.
            pub fn title(self) -> &'static str {
                match self { $(Rule::$name => $title),+ }
            }

            /// The page of the book that shows it happen: `museum/x509.html`.
            pub fn page(self) -> Option<&'static str> {
                match self { $(Rule::$name => $page),+ }
            }
        }
    };
}

rules! {
    /// The image starts nothing.
    NoCommand = "no-command", "The image names no command", None;
    /// What it would start is not there.
    CommandMissing = "command-missing", "The command is not in the image", Some("museum/copy-missing.html");
    /// It is there, and nobody may execute it.
    CommandNotExecutable = "command-not-executable", "The command is not executable", Some("museum/copy-missing.html");
    /// A shell form, and no shell.
    NoShell = "no-shell", "Shell-form command without a shell", Some("museum/no-shell-cmd.html");
    /// A script whose `#!` names what is not there.
    ScriptInterpreterMissing = "script-interpreter-missing", "The script's interpreter is missing", Some("museum/no-shell-cmd.html");
    /// It is no executable for Linux at all.
    NotAnExecutable = "not-an-executable", "The command is no Linux executable", Some("museum/exec-format.html");
    /// For another CPU than the image says, or than the engine has.
    WrongCpu = "wrong-cpu", "The binary is for another CPU", Some("museum/exec-format.html");
    /// The ELF interpreter is missing.
    LoaderMissing = "loader-missing", "The dynamic loader is missing", Some("museum/missing-libc.html");
    /// A library that it needs is missing.
    LibraryMissing = "library-missing", "A shared library is missing", Some("museum/missing-libc.html");
    /// The C library there is older than the one it was linked to.
    LibraryTooOld = "library-too-old", "A shared library is too old", Some("museum/missing-libc.html");
    /// USER by a name that /etc/passwd does not know.
    UnknownUser = "unknown-user", "USER names nobody in /etc/passwd", Some("museum/user-by-name.html");
    /// A health check in shell form, and no shell.
    HealthcheckNoShell = "healthcheck-no-shell", "Shell-form HEALTHCHECK without a shell", Some("museum/no-shell-health.html");
    /// A health check whose program is not there or cannot run.
    HealthcheckMissing = "healthcheck-missing", "The health check's program cannot run", Some("museum/no-shell-health.html");
    /// A TLS client, and nothing to verify servers with.
    NoCaCertificates = "no-ca-certificates", "TLS client without CA certificates", Some("museum/x509.html");
    /// time.LoadLocation, and no zone data.
    NoTimeZones = "no-time-zones", "Time zones are loaded, and there is no zone data", Some("museum/unknown-time-zone.html");
    /// TZ is set, and there is no zone data.
    SilentUtc = "silent-utc", "TZ is set without zone data: silently UTC", Some("museum/silent-utc.html");
    /// os/user lookups, and no /etc/passwd, or one without the user.
    UserLookup = "user-lookup", "Users are looked up that /etc/passwd does not have", Some("museum/user-lookup.html");
    /// Temporary files, and no /tmp.
    NoTmp = "no-tmp", "Temporary files without /tmp", Some("museum/no-tmp.html");
    /// /tmp that the user may not write to.
    TmpNotWritable = "tmp-not-writable", "/tmp is not writable for the user", Some("museum/no-tmp.html");
    /// A cgo-only package, built without cgo: only its stub is in.
    CgoStub = "cgo-stub", "A cgo-only driver was built without cgo", Some("museum/cgo-driver.html");
    /// Starts other programs, and there are none.
    NoPrograms = "no-programs", "It starts other programs, and there are none", Some("museum/no-shell-exec.html");
    /// A volume that belongs to somebody else.
    VolumeNotWritable = "volume-not-writable", "A volume is not writable for the user", Some("museum/read-only.html");
    /// A port below 1024 and a user who is not root.
    PrivilegedPort = "privileged-port", "A privileged port without root", Some("museum/privileged-port.html");
    /// The program's file carries rights of its own.
    FileCapabilities = "file-capabilities", "The command's file carries capabilities", Some("museum/privileged-port.html");
    /// Shell form with a shell: signals do not reach the program.
    SignalsSwallowed = "signals-swallowed", "A shell as PID 1 swallows SIGTERM", Some("museum/pid1-signals.html");
    /// CMD in shell form behind an ENTRYPOINT: the shell's words become arguments.
    ShellAsArguments = "shell-as-arguments", "A shell-form CMD becomes arguments", Some("museum/no-shell-cmd.html");
    /// Runs as root.
    RunsAsRoot = "runs-as-root", "Runs as root", Some("museum/user-by-name.html");
    /// The base is named by a tag that moves.
    UnpinnedBase = "unpinned-base", "The base image is not pinned", None;
    /// DWARF or symbols were left in.
    DebugInfo = "debug-info", "Debug information was left in", None;
    /// Something that looks like a secret lies in a layer.
    Secret = "secret", "A layer holds what looks like a secret", Some("museum/fat-context.html");
    /// A .git directory lies in a layer.
    GitDirectory = "git-directory", "A layer holds a .git directory", Some("museum/fat-context.html");
    /// Bytes that later layers hide.
    WastedBytes = "wasted-bytes", "Layers carry files that nobody can reach", Some("museum/fat-context.html");
    /// A shell in production.
    Shell = "shell", "A shell is in the image", None;
    /// A package manager in production.
    PackageManager = "package-manager", "A package manager is in the image", None;
    /// Set-user-id files that root owns.
    SetuidFiles = "setuid-files", "Files run with their owner's rights", None;
    /// A compiler in production.
    Compiler = "compiler", "A compiler is in the image", None;
}

impl Rule {
    /// The rule of this id.
    pub fn named(id: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.id() == id)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
