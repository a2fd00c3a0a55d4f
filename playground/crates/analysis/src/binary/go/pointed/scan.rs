//! Where machine code points to data: on amd64 by a distance from the next instruction, on arm64 by a
//! page and a place in it, in two instructions one behind the other.
//!
//! Not a disassembler: on amd64 each byte that may be an operand of this form behind an operation that
//! has one counts. Others rarely lead to where data lies.

/// Calls its last argument with where a pointer stands and where it leads to, in order; what stands for
/// one may be none.
pub(super) type References = fn(&[u8], u64, &mut dyn FnMut(u64, u64));

pub(super) fn of_cpu(cpu: &str) -> Option<References> {
    match cpu {
        "amd64" => Some(amd64),
        "arm64" => Some(arm64),
        _ => None,
    }
}

/// Bytes of an operation, at most, before its operand.
const LONGEST: usize = 5;

fn amd64(code: &[u8], at: u64, see: &mut dyn FnMut(u64, u64)) {
    let mut from = LONGEST;
    while let Some(rest) = code.get(from..).filter(|rest| rest.len() > 4) {
        // The operand: no base but the instruction pointer.
        let Some(place) = rest.iter().position(|byte| byte & 0xc7 == 0x05) else {
            break;
        };
        let place = from + place;
        from = place + 1;
        let (Some(behind), Some(distance)) = (behind(code, place), code.get(place + 1..)) else {
            continue;
        };
        let Some(distance) = distance.first_chunk() else {
            break;
        };
        let distance = i64::from(i32::from_le_bytes(*distance));
        let next = at.wrapping_add(place as u64 + 5 + behind);
        see(
            at.wrapping_add(place as u64),
            next.wrapping_add_signed(distance),
        );
    }
}

/// Bytes of a number behind the operand at `place`; `None` where no operation with one stands before it.
fn behind(code: &[u8], place: usize) -> Option<u64> {
    let [escape, vector, prefix, map, operation] = *code[..place].last_chunk::<LONGEST>()?;
    let register = code[place] >> 3 & 7;
    let short = prefix == 0x66 || map == 0x66;
    // Of two bytes, and of three.
    if map == 0x0f {
        return match operation {
            0x10..=0x17 | 0x28..=0x2f | 0x40..=0x6f | 0x74..=0x76 | 0x7e..=0x7f | 0xa3 | 0xab => {
                Some(0)
            }
            0xaf..=0xb1 | 0xb3 | 0xb6 | 0xb7 | 0xb8 | 0xbb..=0xc1 | 0xc7 | 0xd0..=0xfe => Some(0),
            0x70 | 0xa4 | 0xac | 0xba | 0xc2 | 0xc4..=0xc6 => Some(1),
            _ => None,
        };
    }
    match (prefix, map) {
        (0x0f, 0x38) => return Some(0),
        (0x0f, 0x3a) => return Some(1),
        _ => {}
    }
    // With vectors' prefixes.
    let of_vectors = matches!(operation, 0x10..=0x7f | 0xd0..=0xfe);
    if of_vectors && (prefix == 0xc5 || vector == 0xc4 || escape == 0x62) {
        return Some(u64::from(vector == 0xc4 && prefix & 0x1f == 3));
    }
    // cmp register, 5: what looks like an operation is the register.
    if matches!(map, 0x80 | 0x81 | 0x83 | 0x6b) && operation >= 0xc0 {
        return None;
    }
    let (wide, locked) = (map & 0xf0 == 0x40, map == 0xf0);
    match operation {
        // lea, of 64 bits
        0x8d => (map & 0xf8 == 0x48).then_some(0),
        // mov, cmp, test, xchg; movsxd
        0x88..=0x8b | 0x38..=0x3b | 0x84..=0x87 => Some(0),
        0x63 => wide.then_some(0),
        // Arithmetic with a register; seldom but of 64 bits
        0x01..=0x33 if operation & 7 < 4 => (wide || locked).then_some(0),
        // inc, dec; call, jmp, push
        0xfe | 0xff if register < 2 => (wide || locked).then_some(0),
        0xff => matches!(register, 2 | 4 | 6).then_some(0),
        // With a number
        0x80 | 0x83 | 0xc0 | 0xc1 | 0x6b => Some(1),
        0xc6 => (register == 0).then_some(1),
        0xc7 if register == 0 && short => Some(2),
        0xc7 => (register == 0).then_some(4),
        0x81 | 0x69 => Some(if short { 2 } else { 4 }),
        0xf6 => Some(u64::from(register < 2)),
        0xf7 => Some(if register < 2 { 4 } else { 0 }),
        _ => None,
    }
}

fn arm64(code: &[u8], at: u64, see: &mut dyn FnMut(u64, u64)) {
    let (words, _) = code.as_chunks::<4>();
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
