use super::estimate::Unavailable;

/// P-values adjusted so that, over all of them, a false discovery is as rare as the level says (family-wise error);
/// in the order of `p_values`.
///
/// Source: Holm (1979), step down: with the values in ascending order, the running maximum of
/// `min(1, (m − i + 1)·p₍ᵢ₎)`; as R's `p.adjust(method = "holm")`. A value that is no probability is out of range.
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, Unavailable> {
    let count = p_values.len();
    let mut running = 0.0f64;
    let mut adjusted = vec![0.0; count];
    for (place, index) in ascending(p_values)?.into_iter().enumerate() {
        running = running.max(((count - place) as f64 * p_values[index]).min(1.0));
        adjusted[index] = running;
    }
    Ok(adjusted)
}

/// P-values adjusted so that, of the findings, the share of false ones is at most the level (false discovery rate);
/// in the order of `p_values`. For exploring; what signs off a release uses [`holm`].
///
/// Source: Benjamini and Hochberg (1995), step up: the running minimum, from the largest down, of `m·p₍ᵢ₎/i`; as R's
/// `p.adjust(method = "BH")`. A value that is no probability is out of range.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, Unavailable> {
    let count = p_values.len() as f64;
    let mut running = 1.0f64;
    let mut adjusted = vec![0.0; p_values.len()];
    for (place, index) in ascending(p_values)?.into_iter().enumerate().rev() {
        running = running.min(count * p_values[index] / (place as f64 + 1.0));
        adjusted[index] = running;
    }
    Ok(adjusted)
}

/// Indices by ascending p-value.
fn ascending(p_values: &[f64]) -> Result<Vec<usize>, Unavailable> {
    if !p_values.iter().all(|p| (0.0..=1.0).contains(p)) {
        return Err(Unavailable::OutOfRange);
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: &[f64], expected: &[f64]) -> bool {
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    #[test]
    fn published_values() {
        // R, multtest::mt.rawp2adjp, as in statsmodels' test_multi.py, `res_multtest1`; given here unsorted.
        let raw = [
            0.838_541_367_553,
            0.642_193_923_795,
            0.680_845_947_633,
            0.967_833_824_309,
            0.716_269_382_38,
            0.177_096_952_723,
            5.236_567_772_08e-5,
            0.020_273_268_879_8,
            0.000_281_405_061_98,
            0.014_987_731_079_6,
        ];
        let by_holm = [
            1.0,
            1.0,
            1.0,
            1.0,
            1.0,
            1.0,
            5.236_567_772_08e-4,
            0.141_912_882_158_6,
            0.002_532_645_557_82,
            0.119_901_848_636_8,
        ];
        let by_rate = [
            0.931_712_630_614_444_5,
            0.895_336_727_975,
            0.895_336_727_975,
            0.967_833_824_309,
            0.895_336_727_975,
            0.354_193_905_446,
            5.236_567_772_08e-4,
            0.050_683_172_199_5,
            0.001_407_025_309_9,
            0.049_959_103_598_666_67,
        ];
        assert!(close(&holm(&raw).unwrap(), &by_holm));
        assert!(close(&benjamini_hochberg(&raw).unwrap(), &by_rate));
        // The same source, `res_multtest2`: ties after adjustment.
        let raw = [0.002, 0.004, 0.006, 0.008, 0.01, 0.012];
        assert!(close(
            &holm(&raw).unwrap(),
            &[0.012, 0.02, 0.024, 0.024, 0.024, 0.024]
        ));
        assert!(close(&benjamini_hochberg(&raw).unwrap(), &[0.012; 6]));
    }

    #[test]
    fn bad_input_has_a_reason() {
        assert_eq!(holm(&[0.1, f64::NAN]), Err(Unavailable::OutOfRange));
        assert_eq!(benjamini_hochberg(&[1.1]), Err(Unavailable::OutOfRange));
        assert_eq!(holm(&[]), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn between_the_raw_value_and_bonferroni(raw in prop::collection::vec(0.0f64..=1.0, 1..40)) {
            let (by_holm, by_rate) = (holm(&raw).unwrap(), benjamini_hochberg(&raw).unwrap());
            for ((p, by_holm), by_rate) in raw.iter().zip(by_holm).zip(by_rate) {
                prop_assert!(p - 1e-12 <= by_rate && by_rate <= by_holm + 1e-12);
                prop_assert!(by_holm <= (raw.len() as f64 * p).min(1.0) + 1e-12);
            }
        }
    }
}
