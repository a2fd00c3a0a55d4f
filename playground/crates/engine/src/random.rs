//! Random names, keys and ids, and how bytes are written in them.

/// Random bytes of the operating system as lower-case hex; `bytes` of them.
///
/// # Errors
///
/// Where the operating system has no random bytes to give.
pub fn random_hex(bytes: usize) -> std::io::Result<String> {
    let mut raw = vec![0; bytes];
    getrandom::fill(&mut raw).map_err(std::io::Error::other)?;
    Ok(hex(&raw))
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
