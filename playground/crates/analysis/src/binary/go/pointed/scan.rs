//! Where machine code points to data: on amd64 by a distance from the next instruction, on arm64 by a
//! page and a place in it, in two instructions one behind the other.

use crate::binary::go::amd64;

/// Reads so many bytes at the beginning of some code, which lies at an address. Calls its last argument
/// with where a pointer stands and where it leads to, in order; those to so many bytes from an address
/// on are asked for, and others may be among them.
pub(super) type References = fn(&[u8], usize, u64, (u64, u64), &mut dyn FnMut(u64, u64));

pub(super) fn of_cpu(cpu: &str) -> Option<References> {
    match cpu {
        "amd64" => Some(amd64::pointers),
        "arm64" => Some(arm64),
        _ => None,
    }
}

fn arm64(code: &[u8], bytes: usize, at: u64, _: (u64, u64), see: &mut dyn FnMut(u64, u64)) {
    let (words, _) = code[..bytes.min(code.len())].as_chunks::<4>();
    let words = words.iter().map(|word| u32::from_le_bytes(*word));
    // The register that holds a page, and the page.
    let mut page: Option<(u32, u64)> = None;
    for (n, word) in words.enumerate() {
        let here = at.wrapping_add(4 * n as u64);
        if let Some((register, base)) = page
            .take()
            .filter(|(register, _)| *register == word >> 5 & 31)
        {
            let number = u64::from(word >> 10 & 0xfff);
            let into = match word {
                // add …, …, #…
                _ if word & 0xffc0_0000 == 0x9100_0000 => Some(number),
                // ldr, str …, […, #…]: the number counts what is loaded
                _ if word & 0x3b00_0000 == 0x3900_0000 => {
                    let wide = word >> 26 & 1 == 1 && word >> 23 & 1 == 1;
                    let size = if wide { 4 } else { word >> 30 };
                    Some(number << size)
                }
                _ => None,
            };
            if let Some(into) = into.filter(|_| register != 31) {
                see(here, base.wrapping_add(into));
            }
        }
        // adrp
        if word & 0x9f00_0000 == 0x9000_0000 {
            let pages = u64::from(word >> 5 & 0x7_ffff) << 2 | u64::from(word >> 29 & 3);
            let pages = (pages << 43).cast_signed() >> 43;
            page = Some((word & 31, (here & !0xfff).wrapping_add_signed(pages << 12)));
        }
    }
}
