use super::atoms::Atoms;
use super::places::{Places, Range};
use super::{CHARGED, Claim, FIXED, Kind, SHARED, in_order, scan};

/// Constants up to 100, variables up to 200.
fn places() -> Places {
    let range = |from, to, is_variable| Range {
        from,
        to,
        address: 0x1000 + u64::from(from),
        is_variable,
    };
    Places {
        ranges: vec![range(0, 100, false), range(100, 200, true)],
    }
}

/// What packages are charged for.
fn charged(
    from_code: &[(u32, u32)],
    pointers: &[(u32, u32)],
    claims: &[Claim],
) -> Vec<(u32, Kind, u64)> {
    let places = places();
    let claims = in_order(claims.to_vec());
    let mut atoms = Atoms::new(&places, from_code, pointers, &claims, &[]);
    atoms.claim(&claims);
    atoms.refer(from_code);
    atoms.spread(pointers.to_vec());
    let mut seen = Vec::new();
    atoms.settle(&places, &mut |owner, kind, bytes| {
        seen.push((owner, kind, bytes))
    });
    seen
}

#[test]
fn what_code_of_one_package_points_to_is_its_own() {
    let from_code = [(0, 1), (10, 1), (10, 2), (20, 2), (30, SHARED), (150, 7)];
    let seen = charged(&from_code, &[], &[]);
    let (constant, variable) = (Kind::Constant, Kind::Variable);
    assert_eq!(
        seen,
        [(1, constant, 10), (2, constant, 10), (7, variable, 50)]
    );
}

#[test]
fn what_data_of_a_package_points_to_is_the_package_s_too() {
    // A variable of 3's, known by its symbol, leads to a constant, and that to another.
    let claims = [(100, 108, FIXED | CHARGED | 3)];
    let pointers = [(40, 60), (64, 80), (100, 40)];
    let from_code = [(80, 5), (90, SHARED)];
    let seen = charged(&from_code, &pointers, &claims);
    // What 5 points to as well is nobody's.
    assert_eq!(seen, [(3, Kind::Constant, 20), (3, Kind::Constant, 20)]);
}

#[test]
fn an_owner_that_is_known_stays() {
    let claims = [(0, 50, FIXED | CHARGED | 3), (50, 60, FIXED | 4)];
    let from_code = [(0, 1), (50, 1), (60, SHARED)];
    let seen = charged(&from_code, &[(0, 50)], &claims);
    assert_eq!(seen, [(4, Kind::Constant, 10)]);
}

#[test]
fn no_byte_is_claimed_twice() {
    let claims = vec![(0, 10, 1), (5, 20, 2), (6, 8, 3), (20, 30, 4)];
    assert_eq!(in_order(claims), [(0, 10, 1), (10, 20, 2), (20, 30, 4)]);
}

#[test]
fn pointers_are_seen_in_machine_code() {
    let see = |cpu: &str, code: &[u8]| {
        let mut seen = Vec::new();
        let references = scan::of_cpu(cpu).expect("known");
        references(code, code.len(), 0x1000, (0, u64::MAX), &mut |at, to| {
            seen.push((at, to))
        });
        seen
    };
    let of = |code: &[u8]| see("amd64", code);
    // lea rax, [rip+16]; mov dword [rip+16], 5; cmp byte [rip+16], 0; movups xmm15, [rip+16]
    assert_eq!(of(&[0x48, 0x8d, 0x05, 16, 0, 0, 0]), [(0x1000, 0x1017)]);
    assert_eq!(
        of(&[0xc7, 0x05, 16, 0, 0, 0, 5, 0, 0, 0]),
        [(0x1000, 0x101a)]
    );
    assert_eq!(of(&[0x80, 0x3d, 16, 0, 0, 0, 0]), [(0x1000, 0x1017)]);
    assert_eq!(
        of(&[0x44, 0x0f, 0x10, 0x3d, 16, 0, 0, 0]),
        [(0x1000, 0x1018)]
    );
    // cmp bl, 13; je: the number looks like an operand. mov word [rax], 21
    assert_eq!(of(&[0x40, 0x80, 0xff, 0x0d, 0x0f, 0x84, 0xa9, 0]), []);
    assert_eq!(of(&[0x66, 0xc7, 0, 0x15, 0, 0xb8, 0xad, 0]), []);
    // mov eax, 5; and one that is cut off
    assert_eq!(of(&[0xb8, 5, 0, 0, 0]), []);
    assert_eq!(of(&[0x48, 0x8d, 0x05, 16, 0]), []);
    // adrp x0, +1 page; add x0, x0, #32. adrp x27, -1 page; ldr x1, [x27, #16]
    let words = [0xb000_0000_u32, 0x9100_8000, 0xf0ff_fffb, 0xf940_0b61];
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    assert_eq!(see("arm64", &code), [(0x1004, 0x2020), (0x100c, 0x10)]);
    assert!(scan::of_cpu("riscv64").is_none());
}
