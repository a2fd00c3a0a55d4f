//! Who made a kit: an Ed25519 signature over its index, which names everything else by digest.
//!
//! Keys are files of one line in hex. A signature says that the holder of a key made this kit; who
//! that is, people tell each other.

use super::error::SignatureError;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use policy::UserError;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What is signed begins with this: a signature for something else is none for a kit.
const PURPOSE: &[u8] = b"empty-room kit 1\0";

/// A public key and a signature, as they stand in a kit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The public key.
    pub key: [u8; 32],
    /// Over [`PURPOSE`] and the index's digest.
    pub signature: [u8; 64],
}

impl Signed {
    /// Signs the digest of an index.
    #[must_use]
    pub fn sign(key: &SigningKey, index: &[u8; 32]) -> Signed {
        let signature = key.sign(&[PURPOSE, index].concat());
        Signed {
            key: key.verifying_key().to_bytes(),
            signature: signature.to_bytes(),
        }
    }

    /// Whether it was made with its key, for this index.
    ///
    /// # Errors
    /// [`SignatureError::Wrong`].
    pub fn check(&self, index: &[u8; 32]) -> Result<(), SignatureError> {
        let key = VerifyingKey::from_bytes(&self.key).map_err(|_| SignatureError::Wrong)?;
        let signature = Signature::from_bytes(&self.signature);
        let checked = key.verify_strict(&[PURPOSE, index].concat(), &signature);
        checked.map_err(|_| SignatureError::Wrong)
    }

    /// The public key in hex, as people compare it.
    #[must_use]
    pub fn key_in_hex(&self) -> String {
        engine::hex(&self.key)
    }
}

/// The signing key in a file, which is made where there is none; nobody else may read it.
///
/// # Errors
/// For people: the file cannot be read or made, or holds something else.
pub fn signing_key(path: &Path) -> Result<SigningKey, UserError> {
    let failed = |cause: String| UserError {
        what: format!("The signing key {} cannot be used.", path.display()),
        cause,
        next: "name a file that holds one, or one that is not there yet: --sign FILE".into(),
    };
    if !path.exists() {
        let seed = engine::random_hex(32).map_err(|error| failed(error.to_string()))?;
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(path);
        let written = file.and_then(|mut file| writeln!(file, "{seed}"));
        written.map_err(|error| failed(error.to_string()))?;
    }
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let seed = bytes(text.trim()).ok_or_else(|| failed("it is not 64 hex digits".into()))?;
    Ok(SigningKey::from_bytes(&seed))
}

/// A public key as it is written on the command line: in hex.
///
/// # Errors
/// It is none, in a sentence.
pub fn public_key(text: &str) -> Result<[u8; 32], String> {
    let told = || "a public key is 64 hex digits, as `playground kit show` prints it".to_owned();
    let key = bytes(text.trim()).ok_or_else(told)?;
    VerifyingKey::from_bytes(&key).map_err(|_| told())?;
    Ok(key)
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let digits = hex.len() == 64 && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate().filter(|_| digits) {
        *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()?;
    }
    digits.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_signature_holds_for_its_index_and_its_key_alone() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let signed = Signed::sign(&key, &[1; 32]);
        assert_eq!(signed.check(&[1; 32]), Ok(()));
        assert_eq!(signed.check(&[2; 32]), Err(SignatureError::Wrong));
        let other = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
        let forged = Signed {
            key: other,
            ..signed.clone()
        };
        assert_eq!(forged.check(&[1; 32]), Err(SignatureError::Wrong));
        // What the same key has signed for another purpose.
        let plain = Signed {
            signature: key.sign(&[1; 32]).to_bytes(),
            ..signed
        };
        assert_eq!(plain.check(&[1; 32]), Err(SignatureError::Wrong));
    }

    #[test]
    fn a_key_is_made_once_and_is_its_makers_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let made = signing_key(&path).expect("made");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            signing_key(&path).expect("read").to_bytes(),
            made.to_bytes()
        );
        fs::write(&path, "no key").expect("written");
        let error = signing_key(&path).expect_err("no key");
        assert!(error.next.contains("--sign"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("kept"), "no key");
    }

    #[test]
    fn what_is_no_public_key_is_told() {
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
        assert_eq!(public_key(&engine::hex(&key)), Ok(key));
        for text in ["", "abc", &"g".repeat(64), &"é".repeat(32)] {
            assert!(public_key(text).is_err(), "{text}");
        }
    }
}
