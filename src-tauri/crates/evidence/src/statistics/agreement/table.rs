use crate::statistics::estimate::{Estimate, Unavailable, at_least, finite};

/// How much two categories agree, for categories in their natural order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// Only the same category counts as agreement.
    Identity,
    /// `1 − |i − j|/(q − 1)`: half the way is half agreed.
    Linear,
    /// `1 − ((i − j)/(q − 1))²`: near misses count almost whole.
    Quadratic,
}

/// How often two raters chose which categories for the same cases.
#[derive(Clone, Debug, PartialEq)]
pub struct RatingTable {
    /// Square, first rater by row; each cell is a share of all cases.
    shares: Vec<Vec<f64>>,
    cases: u64,
}

impl RatingTable {
    /// A table of counts, first rater by row, second by column, categories in their natural order where they have one.
    ///
    /// # Errors
    ///
    /// [`Unavailable::OutOfRange`] where it is not square with two categories or more, [`Unavailable::TooFew`] where it
    /// is empty.
    pub fn new(counts: &[Vec<u64>]) -> Result<Self, Unavailable> {
        if counts.len() < 2 || counts.iter().any(|row| row.len() != counts.len()) {
            return Err(Unavailable::OutOfRange);
        }
        let total = counts
            .iter()
            .flatten()
            .try_fold(0u64, |sum, count| sum.checked_add(*count));
        let cases = total.ok_or(Unavailable::OutOfRange)?;
        at_least(1, usize::try_from(cases).unwrap_or(usize::MAX))?;
        let share = |count: &u64| *count as f64 / cases as f64;
        let shares = counts.iter().map(|row| row.iter().map(share).collect()).collect();
        Ok(Self { shares, cases })
    }

    /// A table of `(first, second)` ratings of the same cases, each a category from 0 up to `categories` − 1.
    ///
    /// # Errors
    ///
    /// As [`RatingTable::new`], and [`Unavailable::OutOfRange`] for a rating that is no category.
    pub fn from_pairs(categories: usize, pairs: &[(usize, usize)]) -> Result<Self, Unavailable> {
        let mut counts = vec![vec![0; categories]; categories];
        for &(first, second) in pairs {
            *counts
                .get_mut(first)
                .and_then(|row| row.get_mut(second))
                .ok_or(Unavailable::OutOfRange)? += 1;
        }
        Self::new(&counts)
    }

    /// Cases that both rated.
    pub fn cases(&self) -> u64 {
        self.cases
    }

    /// Share of the cases on which the two agree; with weights, near misses count in part.
    pub fn agreement(&self, weights: Weights) -> f64 {
        self.cells()
            .map(|(i, j, share)| self.weight(weights, i, j) * share)
            .sum()
    }

    /// Cohen's kappa: agreement beyond what the raters' own habits give, `(p_o − p_e)/(1 − p_e)` with
    /// `p_e = Σ w·p_i.·p_.j`; weighted by `weights`. [`Unavailable::NoVariation`] where both use one category only.
    ///
    /// Source: Cohen (1960, 1968); the standard error is that of Fleiss, Cohen and Everitt (1969) with a normal
    /// interval, as SAS prints it.
    pub fn kappa(&self, weights: Weights) -> Result<Estimate, Unavailable> {
        let (rows, columns) = self.margins();
        let size = self.shares.len();
        let weight = |i, j| self.weight(weights, i, j);
        let of_row: Vec<f64> = (0..size)
            .map(|i| (0..size).map(|j| columns[j] * weight(i, j)).sum())
            .collect();
        let of_column: Vec<f64> = (0..size)
            .map(|j| (0..size).map(|i| rows[i] * weight(i, j)).sum())
            .collect();
        let observed = self.agreement(weights);
        let expected: f64 = rows
            .iter()
            .zip(&of_row)
            .map(|(share, weight)| share * weight)
            .sum();
        let kappa = chance_corrected(observed, expected)?;
        let squares: f64 = self
            .cells()
            .map(|(i, j, share)| share * (weight(i, j) - (of_row[i] + of_column[j]) * (1.0 - kappa)).powi(2))
            .sum();
        let correction = (kappa - expected * (1.0 - kappa)).powi(2);
        let error = ((squares - correction).max(0.0) / self.cases as f64).sqrt() / (1.0 - expected);
        Estimate::normal(kappa, error)
    }

    /// Gwet's AC1 ([`Weights::Identity`]) or AC2 (other weights): agreement beyond chance where chance is taken to
    /// come from the hard cases only, so that it keeps its sense when nearly all cases are of one category.
    ///
    /// Source: `p_e = Σw/(q(q − 1)) · Σπ(1 − π)` with the mean margins π (Gwet, British Journal of Mathematical and
    /// Statistical Psychology 61 (2008); Handbook of Inter-Rater Reliability, 4th edition, 5), with the standard error
    /// given there and Student's t with n − 1 degrees of freedom, as the R package irrCAC. Categories that nobody
    /// used count, so name those that the raters could choose.
    pub fn gwet(&self, weights: Weights) -> Result<Estimate, Unavailable> {
        let (rows, columns) = self.margins();
        let means: Vec<f64> = rows
            .iter()
            .zip(&columns)
            .map(|(row, column)| f64::midpoint(*row, *column))
            .collect();
        let size = self.shares.len() as f64;
        let total: f64 = self.cells().map(|(i, j, _)| self.weight(weights, i, j)).sum();
        let scale = total / (size * (size - 1.0));
        let observed = self.agreement(weights);
        let expected = scale * means.iter().map(|mean| mean * (1.0 - mean)).sum::<f64>();
        let value = chance_corrected(observed, expected)?;
        if let Err(reason) = at_least(2, usize::try_from(self.cases).unwrap_or(usize::MAX)) {
            return Ok(Estimate {
                value,
                uncertainty: Err(reason),
            });
        }
        let rest = 2.0 * (1.0 - value);
        let squares: f64 = self
            .cells()
            .map(|(i, j, share)| {
                let chance = scale * (1.0 - f64::midpoint(means[i], means[j]));
                share * (self.weight(weights, i, j) - rest * chance).powi(2)
            })
            .sum();
        let variance = (squares - (observed - rest * expected).powi(2)).max(0.0);
        let n = self.cases as f64;
        Estimate::student(value, (variance / n).sqrt() / (1.0 - expected), n - 1.0)
    }

    fn weight(&self, weights: Weights, i: usize, j: usize) -> f64 {
        let distance = i.abs_diff(j) as f64 / (self.shares.len() as f64 - 1.0);
        match weights {
            Weights::Identity => f64::from(u8::from(i == j)),
            Weights::Linear => 1.0 - distance,
            Weights::Quadratic => 1.0 - distance * distance,
        }
    }

    fn cells(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let row = |(i, row): (usize, &'_ Vec<f64>)| -> Vec<(usize, usize, f64)> {
            row.iter().enumerate().map(|(j, share)| (i, j, *share)).collect()
        };
        self.shares.iter().enumerate().flat_map(row)
    }

    /// Shares of the categories by the first and by the second rater.
    fn margins(&self) -> (Vec<f64>, Vec<f64>) {
        let rows = self.shares.iter().map(|row| row.iter().sum()).collect();
        let columns = (0..self.shares.len())
            .map(|j| self.shares.iter().map(|row| row[j]).sum())
            .collect();
        (rows, columns)
    }
}

fn chance_corrected(observed: f64, expected: f64) -> Result<f64, Unavailable> {
    if 1.0 - expected < 1e-12 {
        return Err(Unavailable::NoVariation);
    }
    finite((observed - expected) / (1.0 - expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(counts: &[&[u64]]) -> RatingTable {
        RatingTable::new(&counts.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
    }

    fn near(estimate: Estimate, expected: [f64; 4], tolerance: f64) {
        let uncertainty = estimate.uncertainty.unwrap();
        let found = [
            estimate.value,
            uncertainty.standard_error,
            uncertainty.low,
            uncertainty.high,
        ];
        let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < tolerance);
        assert!(close, "{found:?} for {expected:?}");
    }

    #[test]
    fn published_kappa() {
        // SAS PROC FREQ's printout, as in statsmodels' test_inter_rater.py (`table10`): value, ASE, 95 % limits.
        let sas = table(&[&[0, 4, 1], &[0, 8, 0], &[0, 1, 5]]);
        near(
            sas.kappa(Weights::Identity).unwrap(),
            [0.4842, 0.1380, 0.2137, 0.7547],
            6e-5,
        );
        near(
            sas.kappa(Weights::Linear).unwrap(),
            [0.4701, 0.1457, 0.1845, 0.7558],
            6e-5,
        );
        // R, irr::kappa2(anxiety[, 2:3]) with weights "unweighted", "equal" and "squared", as in the same file; level 5
        // of the six is unused and dropped there, so the ratings are numbered 0 to 4.
        let second = [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4];
        let third = [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2];
        let place = |rating: i32| [1, 2, 3, 4, 6].iter().position(|level| *level == rating).unwrap();
        let pairs: Vec<_> = second
            .into_iter()
            .zip(third)
            .map(|(a, b)| (place(a), place(b)))
            .collect();
        let anxiety = RatingTable::from_pairs(5, &pairs).unwrap();
        let kappa = |weights| anxiety.kappa(weights).unwrap().value;
        assert!((kappa(Weights::Identity) + 0.006_289_308).abs() < 1e-7);
        assert!((kappa(Weights::Linear) - 0.145_907_5).abs() < 1e-6);
        assert!((kappa(Weights::Quadratic) - 0.252_032_5).abs() < 1e-6);
    }

    #[test]
    fn published_gwet() {
        // R and Python irrCAC, cont3x3abstractors: AC1 .8493 (.764 to .935), linear .9000, quadratic .9402.
        let abstractors = table(&[&[13, 0, 0], &[0, 20, 7], &[0, 4, 56]]);
        near(
            abstractors.gwet(Weights::Identity).unwrap(),
            [0.849_331, 0.043_217, 0.763_578, 0.935_083],
            1e-5,
        );
        near(
            abstractors.gwet(Weights::Linear).unwrap(),
            [0.900_023, 0.029_276, 0.841_934, 0.958_112],
            1e-5,
        );
        near(
            abstractors.gwet(Weights::Quadratic).unwrap(),
            [0.940_237, 0.017_920, 0.904_679, 0.975_794],
            1e-5,
        );
        assert!((abstractors.kappa(Weights::Identity).unwrap().value - 0.796_409_4).abs() < 1e-7);
        // The same, cont4x4diagnosis: .456, error .043.
        let diagnosis = table(&[&[40, 6, 4, 15], &[4, 25, 1, 5], &[4, 2, 21, 9], &[17, 13, 12, 45]]);
        let estimate = diagnosis.gwet(Weights::Identity).unwrap();
        assert!((estimate.value - 0.456).abs() < 5e-4);
        assert!((estimate.uncertainty.unwrap().standard_error - 0.043).abs() < 5e-4);
    }

    #[test]
    fn paradox_of_kappa() {
        // 118 of 125 alike and yet no kappa; irrCAC: .944, −.0234, .9408.
        let table = table(&[&[118, 5], &[2, 0]]);
        assert!((table.agreement(Weights::Identity) - 0.944).abs() < 1e-12);
        assert!((table.kappa(Weights::Identity).unwrap().value + 0.023_392).abs() < 1e-6);
        assert!((table.gwet(Weights::Identity).unwrap().value - 0.940_776).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_said_has_a_reason() {
        let one = table(&[&[9, 0], &[0, 0]]);
        assert_eq!(one.kappa(Weights::Identity), Err(Unavailable::NoVariation));
        assert_eq!(one.gwet(Weights::Identity).unwrap().value, 1.0);
        let perfect = table(&[&[5, 0], &[0, 4]]).kappa(Weights::Identity).unwrap();
        assert_eq!(
            (perfect.value, perfect.uncertainty),
            (1.0, Err(Unavailable::NoVariation))
        );
        assert_eq!(RatingTable::new(&[vec![1]]), Err(Unavailable::OutOfRange));
        assert_eq!(
            RatingTable::new(&[vec![0, 0], vec![0, 0]]),
            Err(Unavailable::TooFew { needed: 1, given: 0 })
        );
        assert_eq!(
            RatingTable::from_pairs(2, &[(0, 2)]),
            Err(Unavailable::OutOfRange)
        );
    }

    proptest! {
        #[test]
        fn bounded_finite_and_symmetric(counts in prop::collection::vec(0u64..40, 9)) {
            let rows: Vec<Vec<u64>> = counts.chunks(3).map(<[u64]>::to_vec).collect();
            let turned: Vec<Vec<u64>> = (0..3).map(|j| rows.iter().map(|row| row[j]).collect()).collect();
            if let (Ok(table), Ok(turned)) = (RatingTable::new(&rows), RatingTable::new(&turned)) {
                for weights in [Weights::Identity, Weights::Linear, Weights::Quadratic] {
                    if let (Ok(kappa), Ok(other)) = (table.kappa(weights), turned.kappa(weights)) {
                        prop_assert!(kappa.value <= 1.0 + 1e-12 && (kappa.value - other.value).abs() < 1e-9);
                    }
                    let gwet = table.gwet(weights).unwrap().value;
                    prop_assert!((-1.0 - 1e-12..=1.0 + 1e-12).contains(&gwet));
                }
            }
        }
    }
}
