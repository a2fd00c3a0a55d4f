//! Quotation marks: shells, log drivers and chats turn them into others, double them or lose them.
//! None of them decides what a message is.

/// Quotation marks that are left once a text is clean.
const MARKS: [char; 3] = ['"', '\'', '`'];

/// The text with one `"` for every run of quotation marks.
pub(super) fn alike(text: &str) -> String {
    let mut alike = String::with_capacity(text.len());
    for c in text.chars() {
        match MARKS.contains(&c) {
            true if alike.ends_with('"') => {}
            true => alike.push('"'),
            false => alike.push(c),
        }
    }
    alike
}

/// The pattern for texts that are [`alike`]: its quotation marks stand for any, and outside of a
/// class for none, too. One that is an alternative by itself would match everywhere: it belongs
/// into a class.
pub(crate) fn any_quote(pattern: &str) -> String {
    let mut any = String::with_capacity(pattern.len());
    let (mut escaped, mut class) = (false, 0_usize);
    for c in pattern.chars() {
        if MARKS.contains(&c) {
            if escaped {
                any.pop();
            }
            any.push_str(if class > 0 { "\"" } else { "(?:\"?)" });
        } else {
            match c {
                '[' if !escaped => class += 1,
                ']' if !escaped => class = class.saturating_sub(1),
                _ => {}
            }
            any.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::{alike, any_quote};
    use regex::Regex;

    #[test]
    fn a_message_is_known_whatever_became_of_its_quotes() {
        let pattern = any_quote(r#"exec: "(/bin/)?sh": stat [^"\s]+: no|for 'https\'[`'](x)"#);
        let pattern = Regex::new(&pattern).expect("a pattern");
        for text in [
            r#"exec: "/bin/sh": stat /bin/sh: no"#,
            r#"exec: ""/bin/sh"": stat /bin/sh: no"#,
            "exec: '/bin/sh': stat /bin/sh: no",
            "exec: `sh`: stat /bin/sh: no",
            "exec: ''sh'': stat '/bin/sh: no",
            "exec: sh: stat /bin/sh: no",
            "for \"https'`x",
        ] {
            let known = pattern.is_match(&alike(text));
            // A quote inside of what a class leaves out stays one.
            assert_eq!(known, !text.contains("stat '"), "{text}");
        }
    }

    #[test]
    fn what_is_no_quote_stays_as_it_is() {
        for pattern in [r"\[pod\]: a\\b", r"[[:alpha:]\]x]+", r"\S+@v\S+"] {
            assert_eq!(any_quote(pattern), pattern);
        }
        assert_eq!(alike("a b"), "a b");
        assert_eq!(alike(r#"it's "so""#), r#"it"s "so""#);
    }
}
