//! Numeric bounds that checks want, and the words in which people state them.
//!
//! Pure. Which check has which bound, the kinds say.

/// A bound of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    /// The key that sets it.
    pub(crate) key: &'static str,
    /// How it may be said; the first is how we would.
    pub(crate) words: Vec<String>,
}

impl Bound {
    /// So many bytes: `7.5 MB`, `5 kB`, `40 000 bytes`. Never rounded.
    pub(crate) fn bytes(key: &'static str, bytes: u64) -> Bound {
        let in_units = |unit: u64, name: &str| {
            let fits = bytes >= unit && (bytes % unit).is_multiple_of(unit / 1000);
            fits.then(|| format!("{} {name}", decimal(bytes, unit)))
        };
        let units = [in_units(1_000_000, "MB"), in_units(1000, "kB")];
        let plain = [
            format!("{bytes} bytes"),
            format!("{} bytes", grouped(bytes)),
        ];
        Bound {
            key,
            words: units.into_iter().flatten().chain(plain).collect(),
        }
    }

    /// So much time: `five seconds`, `5 s`, `250 ms`.
    pub(crate) fn milliseconds(key: &'static str, ms: u64) -> Bound {
        let mut words = Vec::new();
        let seconds = decimal(ms, 1000);
        let plural = if ms == 1000 { "" } else { "s" };
        if ms.is_multiple_of(1000) {
            words.extend(in_letters(ms / 1000).map(|number| format!("{number} second{plural}")));
        }
        words.push(format!("{seconds} second{plural}"));
        words.push(format!("{seconds} s"));
        words.push(format!("{ms} ms"));
        Bound { key, words }
    }

    /// A part of something else: `40 %`.
    pub(crate) fn share(key: &'static str, share: f64) -> Bound {
        let percent = (share * 1000.0).round() / 10.0;
        Bound {
            key,
            words: vec![format!("{percent} %"), format!("{percent}%")],
        }
    }

    /// So many of something: `3 steps`, `three steps`, `one step`.
    ///
    /// `of` is its plural in `s`.
    pub(crate) fn count(key: &'static str, count: u64, of: &str) -> Bound {
        let one = of.strip_suffix('s').filter(|_| count == 1);
        let of = one.unwrap_or(of);
        let numbers = [
            Some(count.to_string()),
            in_letters(count).map(str::to_owned),
        ];
        let numbers = numbers.into_iter().flatten();
        Bound {
            key,
            words: numbers.map(|number| format!("{number} {of}")).collect(),
        }
    }

    /// Whether a text states it. Where lines break is of no matter.
    pub(crate) fn is_stated_in(&self, text: &str) -> bool {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.words.iter().any(|words| {
            text.match_indices(words.as_str()).any(|(at, _)| {
                let mut before = text[..at].chars().rev();
                let (before, further) = (before.next(), before.next());
                let behind = text[at + words.len()..].chars().next();
                // 4 MB is not in 14 MB, 0.4 MB or 4 MBit, and 640 bytes not in 5 640 bytes.
                let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | '-');
                let is_digit = |c: char| c.is_ascii_digit();
                let grouped = words.starts_with(is_digit)
                    && before == Some(' ')
                    && further.is_some_and(is_digit);
                !grouped && !before.is_some_and(part) && !behind.is_some_and(char::is_alphanumeric)
            })
        })
    }
}

/// `five`, as far as people write numbers so.
fn in_letters(number: u64) -> Option<&'static str> {
    const NUMBERS: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    let at = usize::try_from(number).ok()?.checked_sub(1)?;
    NUMBERS.get(at).copied()
}

/// `7.5` of 7500000 in units of a million, `1.5` of 1500 in units of a thousand.
fn decimal(number: u64, unit: u64) -> String {
    let thousandths = number % unit / (unit / 1000);
    let text = format!("{}.{thousandths:03}", number / unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `40 000`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_stated_in_the_words_of_people() {
        let bytes = |bytes| Bound::bytes("b", bytes);
        let time = |ms| Bound::milliseconds("t", ms);
        for (bound, text) in [
            (bytes(20_000_000), "an image below 20 MB."),
            (bytes(7_500_000), "below 7.5\n MB, and"),
            (bytes(2_400_000), "(2.4 MB)"),
            (bytes(5000), "stays below **5 kB**"),
            (bytes(40_000), "at most 40 000 bytes"),
            (bytes(1234), "1234 bytes"),
            (time(5000), "in less than five seconds"),
            (time(5000), "5 s."),
            (time(1000), "one second"),
            (time(250), "250 ms"),
            (time(1500), "within 1.5 seconds"),
            (time(1500), "1.5 s"),
            (Bound::share("r", 0.4), "at most 40 % of it"),
            (Bound::share("r", 0.125), "12.5%"),
            (Bound::count("s", 3, "steps"), "no more than 3 steps"),
            (Bound::count("s", 3, "steps"), "three steps"),
            (Bound::count("s", 1, "steps"), "at most one step."),
            (Bound::count("s", 1, "steps"), "1 step"),
        ] {
            assert!(bound.is_stated_in(text), "{bound:?}: {text}");
        }
    }

    #[test]
    fn another_bound_is_not_this_one() {
        let four = Bound::bytes("b", 4_000_000);
        for text in ["14 MB", "0.4 MB", "3.4 MB", "4 MBit", "4 kB", "four", "4"] {
            assert!(!four.is_stated_in(text), "{text}");
        }
        assert!(!Bound::bytes("b", 640).is_stated_in("5 640 bytes"));
        assert!(Bound::bytes("b", 5640).is_stated_in("5 640 bytes"));
        assert!(!Bound::count("s", 1, "steps").is_stated_in("21 steps"));
        assert!(!Bound::bytes("b", 1_234_567).is_stated_in("1.235 MB"));
        assert!(!Bound::milliseconds("t", 5000).is_stated_in("twenty-five seconds"));
    }
}
