//! Whether tools said a text, or a person: told by the form of its lines, never by what they are about.

use super::words::Writing;
use crate::matching::{cut, is_logged, is_no_prose, pattern, plain};
use regex::Regex;
use std::sync::LazyLock;

/// A person's lines hold more than one word in so many: the text describes.
const DESCRIBED: usize = 4;
/// Of a person's line, at least so many words in ten are letters alone.
const PLAIN_WORDS: usize = 7;
/// Characters of writing without spaces, or Cyrillic, that make a line a person's: tools speak English.
const FOREIGN: usize = 5;

/// What tools put in front of what they say: a level, a time in brackets, a prompt, a frame's place.
static FRONT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^\s*(?:\W*(?:\S+ ){0,2}\W?(?i:error|erro|err|warn|warning|fatal|info|debug|panic)(?:\[\d+\]|\])?[:!]|\[[^\]]*\d\d:\d\d[^\]]*\]|\d\d:\d\d:\d\d|[\w-]+=\S|\S*[$#%>❯➜→] |\S+@\S+[:~ ].*[$#%]|\+ \w|\$|at \S+ ?\(|File ")"#,
    )
});
/// A word of letters alone, with what stands around words in sentences.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^[("'*_]*[A-Za-z']{1,20}[.,;:!?)"'*_]*$"#));
/// Words by which somebody speaks of himself, asks, or gives a reason; tools have little use for them.
static PERSON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[\s(])(?:i|i'm|i've|i'd|my|we|our|me|how|why|what|when|but|because|so|also|there|doesn't|don't|can't|isn't|won't|after|although|however|does)(?:[\s,.?!)]|$)",
    )
});

/// Whether tools said it: some line has their form, and hardly any is a person's.
pub(super) fn is_pasted(text: &str) -> bool {
    let text = plain(&cut(text));
    let (mut said, mut told) = (0, 0);
    for line in text.lines() {
        let words = line.split_whitespace().count();
        let foreign = line.chars().filter(|c| is_foreign(*c)).count();
        if foreign >= FOREIGN {
            told += words.max(foreign / 2);
        } else if is_tool(line) {
            said += words;
        } else if PERSON.is_match(line) {
            told += words;
        }
    }
    said > 0 && told * DESCRIBED < said + told
}

/// Whether a line has the form of what tools say, or of what is said to them.
fn is_tool(line: &str) -> bool {
    if line.trim().is_empty() {
        return false;
    }
    if is_logged(line) || is_no_prose(line.trim()) || FRONT.is_match(line) {
        return true;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let plain = words.iter().filter(|word| WORD.is_match(word)).count();
    let mut causes = words.iter().filter(|word| word.ends_with(':'));
    let of_path = causes.clone().any(|word| word.contains('/'));
    plain * 10 < words.len() * PLAIN_WORDS || of_path || causes.nth(1).is_some()
}

fn is_foreign(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{4ff}') || Writing::of(c) == Writing::Unspaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_said_is_pasted() {
        for text in [
            "exec /app: no such file or directory",
            "panic: open shop.db: permission denied",
            "2024/05/01 12:00:00 the shop is closed",
            "app-1  | the shop is closed\napp-1 exited with code 1",
            "[root@host ~]# docker logs shop\nthe shop is closed",
            "npm ERR! the shop is closed",
            "time=\"2024-05-01T12:00:00Z\" level=info msg=\"closed\"",
            "Exception in thread main\n    at shop.Main.run(Main.java:7)",
            "Error: the shop is closed",
            "Error: the shop is closed\nWhy?",
            "\u{1b}[31mshop/main.go:7:2: undefined: x\u{1b}[0m",
        ] {
            assert!(is_pasted(text), "{text:?}");
        }
    }

    #[test]
    fn what_a_person_tells_is_not() {
        for text in [
            "",
            "Container does not stop",
            "Let services listen to localhost only",
            "The zone in our logs is two hours behind, because the image has no data",
            "Start fails\n\nWhen I start it, I get:\nError: the shop is closed\nWhat is missing?",
            "docker启动后显示错误: exec format error",
            "Контейнер не останавливается: exited with code 137",
        ] {
            assert!(!is_pasted(text), "{text:?}");
        }
    }
}
