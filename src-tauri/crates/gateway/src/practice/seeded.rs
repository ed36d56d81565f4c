//! Chance that is not: numbers that look random and depend on nothing but a seed and some text.

/// FNV-1a over the parts, each closed by a separator, then mixed so that every bit of the input reaches every bit of the result.
pub(super) fn hash(seed: u64, parts: &[&str]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325 ^ seed;
    for part in parts {
        for byte in part.bytes().chain([0xff]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// A number from 0 up to, not including, 1.
pub(super) fn unit(seed: u64, parts: &[&str]) -> f64 {
    // The upper 32 bits convert without loss.
    let upper = u32::try_from(hash(seed, parts) >> 32).unwrap_or(u32::MAX);
    f64::from(upper) / 4_294_967_296.0
}

/// A number from -1 up to, not including, 1.
pub(super) fn signed(seed: u64, parts: &[&str]) -> f64 {
    unit(seed, parts).mul_add(2.0, -1.0)
}
