//! What the reviews of a run come to: agreement, disagreements, the corrected rate, root causes.

use super::{
    agreement::{Pair, on_points, on_verdicts, share},
    is_failure,
    queue::sample,
    scale,
};
use crate::{
    Error,
    use_case::{Playbook, results::short_title},
    wire::{
        review::{AgreementView, CorrectedRateView, Disagreement, ReviewReport, RootCauseShares, ShareView},
        run::RunRequest,
    },
};
use evidence::{
    Marks, ReviewPass, RootCause, Unit,
    statistics::{Trust, corrected_rate},
};
use harness::{
    TrialKey, TrialRecord,
    grader::GraderInfo,
    review::{Review, RiskReason, RiskyResult},
};
use std::collections::{BTreeMap, HashMap};
use store::RunRecord;

/// Labelled cases below which the interval of a corrected rate is too narrow (see `evidence::statistics::corrected_rate`).
const NEEDED: u64 = 30;

/// What people said of one result.
#[derive(Clone, Copy)]
struct Said<'a> {
    first: &'a Review,
    second: Option<&'a Review>,
}

impl Said<'_> {
    /// The second look counts, where there is one.
    fn last(&self) -> &Review {
        self.second.unwrap_or(self.first)
    }
}

impl Playbook {
    /// What the reviews of a run come to.
    pub async fn review_report(&self, request: RunRequest) -> Result<ReviewReport, Error> {
        self.blocking(move |playbook| {
            let record = playbook.store.run(request.run)?;
            let (ranked, trials) = playbook.ranked(&record)?;
            let reviews = playbook.store.reviews(record.key, None)?;
            let causes = playbook.store.root_causes(record.key)?;
            let said = by_result(&reviews);
            let trial_of: HashMap<TrialKey, &TrialRecord> =
                trials.iter().map(|trial| (trial.key, trial)).collect();
            let risk_of: HashMap<TrialKey, &RiskyResult> =
                ranked.iter().map(|result| (result.key, result)).collect();
            let seed = record.summary.run.to_string();
            Ok(ReviewReport {
                first_pass: said.len() as u64,
                second_pass: said.values().filter(|said| said.second.is_some()).count() as u64,
                passes: between_passes(&said, &record.graders),
                graders: with_graders(&said, &trial_of, &risk_of),
                disagreements: playbook.disagreements(&record, &said, &trial_of, &risk_of)?,
                marks: marks(&said),
                corrected: corrected(&trials, &said, &seed),
                root_causes: root_causes(&trials, &said, &causes),
            })
        })
        .await
    }

    fn disagreements(
        &self,
        record: &RunRecord,
        said: &BTreeMap<TrialKey, Said<'_>>,
        trials: &HashMap<TrialKey, &TrialRecord>,
        risks: &HashMap<TrialKey, &RiskyResult>,
    ) -> Result<Vec<Disagreement>, Error> {
        let mut found = Vec::new();
        for (key, said) in said {
            let Some(trial) = trials.get(key) else { continue };
            let automatic = (!trial.error).then_some(trial.passed);
            let (first, second) = (said.first.passed, said.second.map(|review| review.passed));
            let passes_differ = second.is_some_and(|second| second != first);
            let graders_differ = automatic.is_some_and(|automatic| automatic != said.last().passed);
            if !passes_differ && !graders_differ {
                continue;
            }
            let detail = self.store.result_detail(record.key, *key)?;
            found.push(Disagreement {
                case_index: key.case_index,
                repeat: key.repeat,
                case_id: trial.case_id.clone(),
                category: trial.category.clone(),
                question: short_title(&detail.fields),
                high_risk: is_high_risk(risks.get(key)),
                risk: risks.get(key).map_or(0, |result| result.risk),
                automatic,
                first,
                second,
                note: said.last().note.clone(),
            });
        }
        // Stable: equal ones stay in case order.
        found.sort_by_key(|one| std::cmp::Reverse((one.high_risk, one.risk)));
        Ok(found)
    }
}

fn by_result(reviews: &[Review]) -> BTreeMap<TrialKey, Said<'_>> {
    let mut said = BTreeMap::new();
    for first in reviews.iter().filter(|review| review.pass == ReviewPass::First) {
        said.insert(first.key, Said { first, second: None });
    }
    for second in reviews.iter().filter(|review| review.pass == ReviewPass::Second) {
        if let Some(said) = said.get_mut(&second.key) {
            said.second = Some(second);
        }
    }
    said
}

fn is_high_risk(result: Option<&&RiskyResult>) -> bool {
    result.is_some_and(|result| {
        result
            .reasons
            .iter()
            .any(|reason| matches!(reason, RiskReason::HighRisk { .. }))
    })
}

fn between_passes(said: &BTreeMap<TrialKey, Said<'_>>, graders: &[GraderInfo]) -> Vec<AgreementView> {
    let pair = Pair { who: "both passes" };
    let both: Vec<(&Review, &Review)> = said
        .values()
        .filter_map(|said| Some((said.first, said.second?)))
        .collect();
    let verdicts: Vec<(bool, bool)> = both
        .iter()
        .map(|(first, second)| (first.passed, second.passed))
        .collect();
    let mut views = vec![on_verdicts("Verdict", pair, &verdicts)];
    for grader in graders {
        for criterion in grader.rubric.iter().flat_map(|rubric| &rubric.criteria) {
            let points_in = |review: &Review| {
                review
                    .points
                    .iter()
                    .find(|points| points.grader == grader.name && points.criterion == criterion.name)
                    .map(|points| points.points)
            };
            let points: Vec<(i64, i64)> = both
                .iter()
                .filter_map(|(first, second)| Some((points_in(first)?, points_in(second)?)))
                .collect();
            views.push(on_points(&criterion.name, pair, scale(criterion), &points));
        }
    }
    views
}

fn with_graders(
    said: &BTreeMap<TrialKey, Said<'_>>,
    trials: &HashMap<TrialKey, &TrialRecord>,
    risks: &HashMap<TrialKey, &RiskyResult>,
) -> Vec<AgreementView> {
    let pair = Pair {
        who: "people and graders",
    };
    let verdicts = |only_high: bool| -> Vec<(bool, bool)> {
        said.iter()
            .filter(|(key, _)| !only_high || is_high_risk(risks.get(key)))
            .filter_map(|(key, said)| Some((trials.get(key)?, said)))
            .filter(|(trial, _)| !trial.error)
            .map(|(trial, said)| (trial.passed, said.last().passed))
            .collect()
    };
    vec![
        on_verdicts("All reviewed results", pair, &verdicts(false)),
        on_verdicts("Results of high risk", pair, &verdicts(true)),
    ]
}

fn marks(said: &BTreeMap<TrialKey, Said<'_>>) -> Vec<ShareView> {
    let of = |name: &str, label: &str, mark: fn(&Marks) -> Option<bool>| {
        let given: Vec<bool> = said
            .values()
            .filter_map(|said| mark(&said.last().marks))
            .collect();
        share(
            name,
            label,
            given.iter().filter(|yes| **yes).count() as u64,
            given.len() as u64,
        )
    };
    vec![
        of("correct", "Correct", |marks| marks.correct),
        of("valuable", "Valuable", |marks| marks.valuable),
        of("aligned", "Aligned", |marks| marks.aligned),
    ]
}

/// The first results of the random order that somebody reviewed without a gap are a random sample, whatever else was reviewed.
fn corrected(trials: &[TrialRecord], said: &BTreeMap<TrialKey, Said<'_>>, seed: &str) -> CorrectedRateView {
    let order = sample(trials, seed);
    let passed: HashMap<TrialKey, bool> = trials.iter().map(|trial| (trial.key, trial.passed)).collect();
    let one = |yes: bool| f64::from(u8::from(yes));
    let judge = |key: &TrialKey| passed.get(key).copied().unwrap_or(false);
    let labelled: Vec<(bool, bool)> = order
        .iter()
        .map_while(|key| Some((said.get(key)?.last().passed, judge(key))))
        .collect();
    let rest: Vec<f64> = order[labelled.len()..]
        .iter()
        .map(|key| one(judge(key)))
        .collect();
    let n = labelled.len() as u64;
    let judged = share(
        "judged",
        "Graders alone",
        order.iter().filter(|key| judge(key)).count() as u64,
        order.len() as u64,
    );
    let people = share(
        "labelled",
        "People, on the sample",
        labelled.iter().filter(|(people, _)| *people).count() as u64,
        n,
    );
    let mut view = CorrectedRateView {
        sampled: n,
        needed: NEEDED.min(order.len() as u64),
        judged,
        labelled: None,
        value_text: None,
        interval_text: None,
        sentence: String::new(),
    };
    if !order.is_empty() && rest.is_empty() {
        view.sentence =
            "People reviewed every case, so their rate stands and nothing needs correction.".into();
        view.value_text = Some(people.value_text.clone());
        view.interval_text.clone_from(&people.interval_text);
        view.labelled = Some(people);
        return view;
    }
    let pairs: Vec<(f64, f64)> = labelled
        .iter()
        .map(|(people, judge)| (one(*people), one(*judge)))
        .collect();
    match corrected_rate(&pairs, &rest, Trust::Tuned) {
        Ok(rate) if n >= NEEDED => {
            let bias = (rate.bias.abs() * 100.0).round();
            view.sentence = if bias == 0.0 {
                format!("On {n} cases drawn at random, the graders pass as many as people do.")
            } else {
                format!(
                    "On {n} cases drawn at random, the graders are {bias:.0} {} too {}.",
                    if bias == 1.0 { "point" } else { "points" },
                    if rate.bias > 0.0 { "kind" } else { "strict" }
                )
            };
            view.value_text = Some(Unit::Share.text(rate.rate.value));
            view.interval_text = rate
                .rate
                .interval()
                .map(|(low, high)| format!("{} to {}", Unit::Share.figure(low), Unit::Share.figure(high)));
            view.labelled = Some(people);
        }
        Err(_) if n >= NEEDED && rest.len() == 1 => {
            view.sentence =
                "One case is left to review; the graders' verdict on a single case says nothing of how they err."
                    .into();
        }
        _ => {
            view.sentence = format!(
                "{n} of {needed} cases of the random sample are reviewed. The riskiest cases say nothing of the rest, so the rate is corrected by a random sample only.",
                needed = view.needed,
            );
        }
    }
    view
}

fn root_causes(
    trials: &[TrialRecord],
    said: &BTreeMap<TrialKey, Said<'_>>,
    causes: &HashMap<TrialKey, RootCause>,
) -> RootCauseShares {
    let failed = |trial: &&TrialRecord| {
        let reviews: Vec<Review> = said
            .get(&trial.key)
            .map(|said| vec![said.last().clone()])
            .unwrap_or_default();
        // A label stays counted where the person who failed the result changed their mind about the verdict.
        is_failure(trial, &reviews) || causes.contains_key(&trial.key)
    };
    let failed: Vec<&TrialRecord> = trials.iter().filter(failed).collect();
    let labelled: Vec<RootCause> = failed
        .iter()
        .filter_map(|trial| causes.get(&trial.key).copied())
        .collect();
    let n = labelled.len() as u64;
    let mut shares: Vec<ShareView> = RootCause::ALL
        .into_iter()
        .map(|cause| {
            let count = labelled.iter().filter(|label| **label == cause).count() as u64;
            share(cause.as_str(), &label(cause), count, n)
        })
        .filter(|share| share.count > 0)
        .collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.count));
    RootCauseShares {
        labelled: n,
        unlabelled: failed.len() as u64 - n,
        shares,
    }
}

fn label(cause: RootCause) -> String {
    let name = cause.as_str();
    name[..1].to_uppercase() + &name[1..]
}
