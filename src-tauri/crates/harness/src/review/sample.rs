use crate::trial::TrialKey;
use evidence::ContentHasher;

/// Results in a random order that is the same every time it is asked for: by SHA-256 of `seed` (the run's id), case and
/// repeat. Its first results are a random sample of the run, however many of them somebody has reviewed.
pub fn random_order(keys: &mut [TrialKey], seed: &str) {
    keys.sort_by_cached_key(|key| {
        let mut hasher = ContentHasher::default();
        hasher.field(seed);
        hasher.field(key.case_index.to_string());
        hasher.field(key.repeat.to_string());
        hasher.finish().to_string()
    });
}
