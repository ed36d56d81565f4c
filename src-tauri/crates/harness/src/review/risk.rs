use crate::{
    grader::{JudgeSaid, Undecided},
    trial::{Grade, Severity, TrialKey, TrialRecord, TrialResult},
};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

/// What is known of a trial besides its [`TrialRecord`] that makes somebody look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewFlags {
    /// Whether a grade waits for a person.
    pub awaits_person: bool,
    /// Whether judges of one grader gave different verdicts.
    pub judges_disagree: bool,
    /// The case's field `risk`.
    pub case_risk: Option<String>,
}

impl ReviewFlags {
    /// The flags of a finished trial.
    pub fn of(result: &TrialResult) -> Self {
        let case_risk = result.fields.get("risk").map(crate::dataset::plain);
        Self {
            awaits_person: result
                .grades
                .iter()
                .any(|grade| grade.undecided == Some(Undecided::AwaitsPerson)),
            judges_disagree: result.grades.iter().any(judges_disagree),
            case_risk: case_risk.filter(|risk| !risk.trim().is_empty()),
        }
    }

    /// Whether there is nothing in them.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn judges_disagree(grade: &Grade) -> bool {
    let mut verdicts = grade.judges.iter().filter_map(|judge| match &judge.said {
        JudgeSaid::Verdict { passed, .. } => Some(*passed),
        JudgeSaid::Failed(_) => None,
    });
    let first = verdicts.next();
    verdicts.any(|verdict| Some(verdict) != first)
}

/// One reason to look at a result.
#[derive(Clone, Debug, PartialEq)]
pub enum RiskReason {
    /// A grader failed it and said how badly (grounding, policy). Only the worst one counts.
    Severity {
        /// The grader.
        grader: String,
        /// How bad.
        severity: Severity,
    },
    /// The case says `risk: high`, or its category's name is one of danger.
    HighRisk {
        /// What says so.
        because: String,
    },
    /// Judges gave different verdicts.
    JudgesDisagree,
    /// It passed in the run before and fails now.
    NewlyFails,
    /// A grade waits for a person.
    AwaitsPerson,
    /// A deciding grader gave no verdict.
    NoVerdict,
    /// Repeats of the case passed and failed.
    Flaky {
        /// Repeats that passed.
        passed: u64,
        /// Repeats with a verdict.
        repeats: u64,
    },
    /// A result with the other verdict of the same grader lies this near.
    NearThreshold {
        /// The grader.
        grader: String,
        /// Its score.
        score: f64,
    },
    /// It failed in the run before and passes now.
    NewlyPasses,
    /// It failed.
    Failed,
}

impl RiskReason {
    /// What it adds to the risk of a result. `docs/review.md` lists the same numbers.
    pub fn points(&self) -> u32 {
        match self {
            Self::Severity { severity, .. } => match severity {
                Severity::Severe => 40,
                Severity::Moderate => 25,
                Severity::Minor => 10,
            },
            Self::HighRisk { .. } => 30,
            Self::JudgesDisagree | Self::NoVerdict => 20,
            Self::NewlyFails | Self::AwaitsPerson => 15,
            Self::Flaky { .. } | Self::NearThreshold { .. } => 10,
            Self::NewlyPasses => 8,
            Self::Failed => 5,
        }
    }
}

impl fmt::Display for RiskReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Severity { grader, severity } => write!(f, "{grader}: {}", severity.as_str()),
            Self::HighRisk { because } => write!(f, "high risk: {because}"),
            Self::JudgesDisagree => f.write_str("judges disagree"),
            Self::NewlyFails => f.write_str("newly fails"),
            Self::AwaitsPerson => f.write_str("awaits a person"),
            Self::NoVerdict => f.write_str("no verdict"),
            Self::Flaky { passed, repeats } => write!(f, "flaky: {passed} of {repeats} passed"),
            Self::NearThreshold { grader, score } => write!(f, "{grader}: {score:.2}, near the threshold"),
            Self::NewlyPasses => f.write_str("newly passes"),
            Self::Failed => f.write_str("failed"),
        }
    }
}

/// A result with what makes it risky.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskyResult {
    /// Which result.
    pub key: TrialKey,
    /// Sum of the points of its reasons.
    pub risk: u32,
    /// Why, most points first.
    pub reasons: Vec<RiskReason>,
}

/// Scores nearer than this to a result with the other verdict are near the threshold.
const NEAR: f64 = 0.05;

/// Words in the name of a category whose failures do harm.
const DANGER: [&str; 18] = [
    "adversarial",
    "attack",
    "injection",
    "jailbreak",
    "abuse",
    "safety",
    "security",
    "privacy",
    "personal",
    "policy",
    "medical",
    "health",
    "legal",
    "compliance",
    "financial",
    "payment",
    "harm",
    "high-risk",
];

/// Whether a category's name holds a word of danger: adversarial, attack, privacy, medical and so on.
pub fn is_high_risk_category(category: &str) -> bool {
    let category = category.to_lowercase().replace([' ', '_'], "-");
    DANGER.iter().any(|word| category.contains(word))
}

/// The results of a run that have an answer, riskiest first: by the sum of points, then in case order. Of a case that ran
/// several times, its riskiest repeat stands for it. `before` are the trials of the run that it is held against.
pub fn riskiest(
    records: &[TrialRecord],
    flags: &HashMap<TrialKey, ReviewFlags>,
    before: &[TrialRecord],
) -> Vec<RiskyResult> {
    let earlier: HashMap<(&str, u32), &TrialRecord> = before
        .iter()
        .map(|trial| ((trial.case_id.as_str(), trial.key.repeat), trial))
        .collect();
    let mut repeats: HashMap<u64, (u64, u64)> = HashMap::new();
    for trial in records.iter().filter(|trial| !trial.error) {
        let (passed, all) = repeats.entry(trial.key.case_index).or_default();
        *passed += u64::from(trial.passed);
        *all += 1;
    }
    let bounds = Bounds::of(records);
    let none = ReviewFlags::default();
    let mut by_case: BTreeMap<u64, RiskyResult> = BTreeMap::new();
    for trial in records.iter().filter(|trial| trial.answered()) {
        let flags = flags.get(&trial.key).unwrap_or(&none);
        let mut reasons = Vec::new();
        reasons.extend(worst(trial));
        reasons.extend(high_risk(trial, flags));
        if flags.judges_disagree {
            reasons.push(RiskReason::JudgesDisagree);
        }
        if trial.error {
            reasons.push(RiskReason::NoVerdict);
        }
        if flags.awaits_person {
            reasons.push(RiskReason::AwaitsPerson);
        }
        reasons.extend(
            earlier
                .get(&(trial.case_id.as_str(), trial.key.repeat))
                .and_then(|earlier| flip(earlier, trial)),
        );
        match repeats.get(&trial.key.case_index) {
            Some(&(passed, repeats)) if 0 < passed && passed < repeats => {
                reasons.push(RiskReason::Flaky { passed, repeats });
            }
            _ => {}
        }
        reasons.extend(bounds.near(trial));
        if !trial.passed && !trial.error {
            reasons.push(RiskReason::Failed);
        }
        // A stable sort: reasons of equal weight stay as they are listed here.
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.points()));
        let risk = reasons.iter().map(RiskReason::points).sum();
        let found = RiskyResult {
            key: trial.key,
            risk,
            reasons,
        };
        match by_case.get_mut(&trial.key.case_index) {
            Some(there) if there.risk >= risk => {}
            Some(there) => *there = found,
            None => {
                by_case.insert(trial.key.case_index, found);
            }
        }
    }
    let mut ranked: Vec<RiskyResult> = by_case.into_values().collect();
    ranked.sort_by_key(|result| (std::cmp::Reverse(result.risk), result.key));
    ranked
}

fn worst(trial: &TrialRecord) -> Option<RiskReason> {
    let severities = trial
        .grades
        .iter()
        .filter(|(_, passed, _, _)| !passed)
        .filter_map(|(grader, _, _, severity)| Some((grader, (*severity)?)));
    // The last of the greatest would be taken; the first grader of the suite is meant.
    let (grader, severity) = severities.rev().max_by_key(|(_, severity)| *severity)?;
    Some(RiskReason::Severity {
        grader: grader.clone(),
        severity,
    })
}

/// What the case says of itself counts before the name of its category.
fn high_risk(trial: &TrialRecord, flags: &ReviewFlags) -> Option<RiskReason> {
    let because = match &flags.case_risk {
        Some(risk) => risk
            .trim()
            .eq_ignore_ascii_case("high")
            .then(|| "the case says so".to_owned())?,
        None => is_high_risk_category(&trial.category).then(|| format!("category {}", trial.category))?,
    };
    Some(RiskReason::HighRisk { because })
}

fn flip(earlier: &TrialRecord, now: &TrialRecord) -> Option<RiskReason> {
    let same_case = match (earlier.case_fingerprint, now.case_fingerprint) {
        (Some(earlier), Some(now)) => earlier == now,
        _ => true,
    };
    match (earlier.passed, now.passed) {
        _ if !same_case || earlier.error || now.error => None,
        (true, false) => Some(RiskReason::NewlyFails),
        (false, true) => Some(RiskReason::NewlyPasses),
        _ => None,
    }
}

/// Per grader the highest score that failed and the lowest that passed in this run.
struct Bounds<'a>(HashMap<&'a str, (f64, f64)>);

impl<'a> Bounds<'a> {
    fn of(records: &'a [TrialRecord]) -> Self {
        let mut bounds: HashMap<&str, (f64, f64)> = HashMap::new();
        for (grader, passed, score, _) in records.iter().flat_map(|trial| &trial.grades) {
            let (failed, least) = bounds.entry(grader).or_insert((f64::NEG_INFINITY, f64::INFINITY));
            if *passed {
                *least = least.min(*score);
            } else {
                *failed = failed.max(*score);
            }
        }
        // A grader whose verdict does not follow its score has no threshold to be near to.
        bounds.retain(|_, (failed, least)| *failed < *least);
        Self(bounds)
    }

    fn near(&self, trial: &TrialRecord) -> Option<RiskReason> {
        trial.grades.iter().find_map(|(grader, passed, score, _)| {
            let (failed, least) = self.0.get(grader.as_str())?;
            let distance = if *passed { score - failed } else { least - score };
            (distance <= NEAR + 1e-9).then(|| RiskReason::NearThreshold {
                grader: grader.clone(),
                score: *score,
            })
        })
    }
}
