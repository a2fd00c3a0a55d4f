//! Hashes for the Content-Security-Policy: mdBook's own inline scripts, and no others.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The base64 SHA-256 of each inline `<script>` of a page, in order, as CSP wants it
/// after `sha256-`. Scripts with a `src` have no inline body and are left out.
pub fn inline_script_hashes(html: &str) -> Vec<String> {
    // Browsers hash what their parser delivers: line ends already normalised.
    let html = html.replace("\r\n", "\n").replace('\r', "\n");
    let lower = html.to_ascii_lowercase();
    let mut hashes = Vec::new();
    let mut at = 0;
    while let Some(start) = next_script(&lower, at) {
        let Some(body) = end_of_tag(&html, start) else {
            break;
        };
        let Some(length) = lower[body..].find("</script") else {
            break;
        };
        if !has_src(&lower[start..body]) {
            let digest = Sha256::digest(&html.as_bytes()[body..body + length]);
            hashes.push(STANDARD.encode(digest));
        }
        at = body + length;
    }
    hashes
}

/// Where the next script or comment-free `<script` begins.
fn next_script(lower: &str, mut at: usize) -> Option<usize> {
    loop {
        let start = at + lower[at..].find('<')?;
        let rest = &lower[start..];
        if rest.starts_with("<!--") {
            at = start + rest.find("-->")?;
        } else if rest.starts_with("<script")
            && rest[7..].starts_with(|c: char| c == '>' || c == '/' || c.is_ascii_whitespace())
        {
            return Some(start);
        } else {
            at = start + 1;
        }
    }
}

/// The first byte after the tag's `>`, which quoted attribute values may contain.
fn end_of_tag(html: &str, start: usize) -> Option<usize> {
    let mut quote = None;
    for (i, c) in html[start..].char_indices() {
        match (quote, c) {
            (None, '>') => return Some(start + i + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
    }
    None
}

fn has_src(tag: &str) -> bool {
    tag.split(|c: char| c.is_ascii_whitespace())
        .any(|word| word == "src" || word.starts_with("src="))
}

#[cfg(test)]
mod tests {
    use super::inline_script_hashes;

    // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
    const ALERT: &str = "bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=";

    #[test]
    fn hashes_what_the_browser_hashes() {
        assert_eq!(
            inline_script_hashes("<p><script>alert(1)</script>"),
            [ALERT]
        );
        assert_eq!(
            inline_script_hashes("<SCRIPT type='a>b'>alert(1)</SCRIPT >"),
            [ALERT]
        );
    }

    #[test]
    fn leaves_out_linked_scripts_and_comments() {
        let html = "<!-- <script>no</script> --><script async src=\"a.js\"></script>\
                    <script\n>alert(1)</script><scripted>no</scripted>";
        assert_eq!(inline_script_hashes(html), [ALERT]);
    }

    #[test]
    fn windows_line_ends_do_not_matter() {
        assert_eq!(
            inline_script_hashes("<script>\r\na()\r\n</script>"),
            inline_script_hashes("<script>\na()\n</script>")
        );
    }

    #[test]
    fn an_unfinished_script_is_not_a_script() {
        assert!(inline_script_hashes("<script>alert(1)").is_empty());
    }
}
