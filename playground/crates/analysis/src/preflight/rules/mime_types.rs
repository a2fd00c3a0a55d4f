//! The program serves files, and the image has no table of types by extension.
//!
//! Source: Go's `mime/type_unix.go`, which reads a table of FreeDesktop or one of Apache's kind, and
//! knows few types without; `serveContent` in `net/http/fs.go` then guesses by the first bytes.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 235,
    id: "mime-types",
    title: "It serves files, and there is no table of types",
    page: Some("museum/mime-types.html"),
    severity: Severity::Advice,
    checks: &[Check::GoBinary(check)],
};

/// In Go's order.
const TABLES: [&str; 6] = [
    "/usr/local/share/mime/globs2",
    "/usr/share/mime/globs2",
    "/etc/mime.types",
    "/etc/apache2/mime.types",
    "/etc/apache/mime.types",
    "/etc/httpd/conf/mime.types",
];
/// The last Go that was looked at whose own table has about fifteen types; the next looked at, 1.26,
/// has about sixty.
const SMALL_TABLE: u32 = 23;

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let image = &context.image;
    let mut evidence = go.evidence(Ability::ServeFiles)?;
    let there = |path: &&str| image.tree.lookup(path).is_ok() || image.volume_at(path);
    if !go.cannot(Ability::OwnTypes) || TABLES.iter().any(there) {
        return None;
    }
    evidence.push(format!("the image has none of {}", TABLES.join(", ")));
    let build = go.program.build();
    let version = build.and_then(|build| Some((build.minor()?, build.go_version.as_str())));
    let more = match version {
        Some((minor, version)) if minor <= SMALL_TABLE => {
            format!(", and by {version} .csv and .ics")
        }
        _ => String::new(),
    };
    Some(Explanation::new(
        format!(
            "{} can serve files by their names, and Go knows few types without a table. Does it \
             serve any .webmanifest, .md or .yaml{more}? They go out as text/plain, guessed from \
             their first bytes.",
            go.path
        ),
        evidence,
        "mime.AddExtensionType(\".webmanifest\", \"application/manifest+json\") in main, or COPY \
         /etc/mime.types of a base that has it",
    ))
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;

    const SERVES: Can = (Ability::ServeFiles, "net/http.serveContent");
    const OWN: Can = (Ability::OwnTypes, "mime.AddExtensionType");

    #[test]
    fn who_serves_files_needs_a_table_of_their_types() {
        assert_eq!(go_with(&[SERVES], &[]), ["advice: mime-types"]);
        assert_eq!(go_with(&[], &[]), NOTHING);
        assert_eq!(go_with(&[SERVES, OWN], &[]), NOTHING);
        for table in super::TABLES {
            let file = [Make::File(&table[1..], b"text/x x\n")];
            assert_eq!(go_with(&[SERVES], &file), NOTHING, "{table}");
        }
    }
}
