//! The join code, which is read aloud and typed: eight characters that nobody confuses.
//!
//! 30 characters to the power of eight are 6.5 · 10¹¹ codes; `pace` sees to it that a guesser gets
//! through a few per second at best.

use policy::UserError;

/// No 0 and O, no 1, I and L, no U, which is a V to many.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;

/// A code, as it is kept: without the dash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JoinCode(String);

impl JoinCode {
    /// A code that nobody has seen.
    ///
    /// # Errors
    /// The operating system has no randomness.
    pub(super) fn new() -> Result<JoinCode, UserError> {
        let mut code = String::new();
        while code.len() < LENGTH {
            let hex = engine::random_hex(LENGTH).map_err(|error| no_randomness(&error))?;
            let bytes = (0..LENGTH).filter_map(|at| hex.get(2 * at..2 * at + 2));
            let bytes = bytes.filter_map(|two| u8::from_str_radix(two, 16).ok());
            // Only what fits evenly: no character is likelier than another.
            let letters = bytes.filter_map(|byte| {
                let at = usize::from(byte) % 32;
                ALPHABET.get(at)
            });
            code.extend(
                letters
                    .map(|letter| char::from(*letter))
                    .take(LENGTH - code.len()),
            );
        }
        Ok(JoinCode(code))
    }

    /// As it was kept.
    pub(super) fn kept(text: &str) -> JoinCode {
        JoinCode(text.to_owned())
    }

    /// As it is kept.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is shown: `K7MQ-4XTR`.
    pub(super) fn shown(&self) -> String {
        let (head, tail) = self.0.split_at(self.0.len() / 2);
        format!("{head}-{tail}")
    }

    /// Whether somebody typed this code, in whatever case and with or without a dash. Takes as long
    /// whatever is wrong.
    pub(super) fn is(&self, typed: &str) -> bool {
        let typed: Vec<u8> = typed
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .take(LENGTH + 1)
            .map(|byte| byte.to_ascii_uppercase())
            .collect();
        let own = self.0.as_bytes();
        let differs = own.iter().zip(&typed).fold(0, |all, (a, b)| all | (a ^ b));
        typed.len() == own.len() && differs == 0
    }
}

pub(super) fn no_randomness(error: &std::io::Error) -> UserError {
    UserError {
        what: format!("No randomness for a key: {error}"),
        cause: "the operating system refuses it".into(),
        next: "restart the machine".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_is_taken_however_it_is_typed_and_no_other_is() {
        let code = JoinCode::kept("K7MQ4XTR");
        assert_eq!(code.shown(), "K7MQ-4XTR");
        for typed in ["K7MQ-4XTR", "k7mq4xtr", " k7mq 4xtr\n"] {
            assert!(code.is(typed), "{typed}");
        }
        for typed in ["", "K7MQ4XT", "K7MQ4XTR2", "K7MQ4XTS", "%00K7MQ4XTR"] {
            assert!(!code.is(typed), "{typed}");
        }
    }

    #[test]
    fn codes_are_long_enough_and_never_the_same() {
        let codes = (0..500).map(|_| JoinCode::new().expect("randomness"));
        let codes: BTreeSet<String> = codes.map(|code| code.0).collect();
        assert_eq!(codes.len(), 500);
        for code in &codes {
            assert_eq!(code.len(), LENGTH);
            assert!(!code.contains(['0', 'O', '1', 'I', 'L', 'U']), "{code}");
        }
        let used: BTreeSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(used.len(), ALPHABET.len(), "every character is used");
    }
}
