//! A learner to play with: commands are decided, stored and folded as the app does it.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use evidence::*;
use journey::{
    Command, Content, Entry, Event, Facts, Place, ProjectFacts, Record, Refusal, decide, roadmap_view,
    skills_view, today_view,
    views::{CompetencyView, RoadmapView, SkillsView, TodayView, WeekView},
};

pub fn content() -> Content {
    let read = |name: &str| {
        let path = format!("{}/../../../content/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    Content::parse(
        &read("roadmap.yaml"),
        &read("competencies.yaml"),
        &read("role-families.yaml"),
    )
    .unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap()).and_utc()
}

pub struct Learner {
    pub entries: Vec<Entry>,
    pub facts: Facts,
    pub content: Content,
    pub today: NaiveDate,
    ticks: i64,
}

impl Learner {
    pub fn new(today: &str) -> Self {
        let (entries, facts) = (Vec::new(), Facts::default());
        Self {
            entries,
            facts,
            content: content(),
            today: day(today),
            ticks: 0,
        }
    }

    /// A learner whose week 1 begins on this Monday, which is also today.
    pub fn set_out(start: &str) -> Self {
        let mut learner = Self::new(start);
        learner.does(Command::SetOut {
            start_date: Some(day(start)),
            role_family: Some("applied_ai_engineer".into()),
            self_scores: Default::default(),
        });
        learner
    }

    pub fn record(&self) -> Record {
        Record::from_entries(&self.entries)
    }

    pub fn now(&self) -> DateTime<Utc> {
        noon(self.today) + Duration::seconds(self.ticks)
    }

    pub fn asks(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        decide(
            &self.record(),
            &self.facts,
            &self.content,
            command,
            self.now(),
            self.today,
        )
    }

    pub fn does(&mut self, command: Command) -> Vec<Event> {
        let events = self.asks(command).unwrap();
        for event in events.clone() {
            self.ticks += 1;
            self.entries.push(Entry {
                at: self.now(),
                event,
            });
        }
        events
    }

    pub fn refused(&self, command: Command) -> Refusal {
        let refusal = self.asks(command).unwrap_err();
        assert!(!refusal.message.is_empty() && !refusal.hint.is_empty());
        refusal
    }

    pub fn roadmap(&self) -> RoadmapView {
        roadmap_view(&self.record(), &self.facts, &self.content, self.now(), self.today)
    }

    pub fn week(&self, number: u8) -> WeekView {
        self.roadmap()
            .weeks
            .into_iter()
            .find(|week| week.number == number)
            .unwrap()
    }

    pub fn skills(&self) -> SkillsView {
        skills_view(&self.record(), &self.facts, &self.content, self.now(), self.today)
    }

    pub fn competency(&self, id: &str) -> CompetencyView {
        self.skills()
            .competencies
            .into_iter()
            .find(|competency| competency.id == id)
            .unwrap()
    }

    pub fn today(&self) -> TodayView {
        today_view(&self.record(), &self.facts, &self.content, self.now(), self.today)
    }

    pub fn starter_project(&mut self) -> ProjectId {
        let id = ProjectId::new();
        let starter = Some("rag-support-assistant".to_owned());
        let name = "RAG support assistant".to_owned();
        self.facts.projects.push(ProjectFacts {
            id,
            name,
            starter,
            created_at: self.now(),
        });
        id
    }

    /// Adds a run of today and returns its id.
    pub fn runs(&mut self, change: impl FnOnce(&mut RunSummary)) -> RunId {
        let project = match self.facts.projects.last() {
            Some(project) => project.id,
            None => self.starter_project(),
        };
        let mut run = run(project, self.facts.runs.len() as u32 + 1, self.now());
        change(&mut run);
        let id = run.run;
        self.facts.runs.push(run);
        id
    }

    pub fn links(&mut self, place: Place, kind: ArtifactKind, label: &str) -> ArtifactId {
        let artifact = artifact(kind, label, self.now());
        let id = artifact.id;
        self.does(Command::LinkArtifact {
            place,
            artifact,
            need: None,
        });
        id
    }
}

pub fn artifact(kind: ArtifactKind, label: &str, linked_at: DateTime<Utc>) -> Artifact {
    Artifact {
        id: ArtifactId::new(),
        kind,
        label: label.into(),
        linked_at,
    }
}

pub fn web(url: &str) -> ArtifactKind {
    ArtifactKind::Link { url: url.into() }
}

pub fn file(path: &str) -> ArtifactKind {
    ArtifactKind::File {
        path: path.into(),
        hash: ContentHash::of(path),
    }
}

fn metric(name: &str, label: &str, unit: Unit, value: f64) -> Metric {
    Metric {
        name: name.into(),
        label: label.into(),
        unit,
        better: Direction::Higher,
        value: Some(value),
        interval: None,
        n: 100,
        note: None,
    }
}

/// A finished candidate on the untouched starter with the practice model: 100 shipped cases, gate failed.
pub fn run(project: ProjectId, number: u32, at: DateTime<Utc>) -> RunSummary {
    let metrics = vec![
        metric("pass_rate", "Pass rate", Unit::Share, 0.8),
        metric("error_rate", "Error rate", Unit::Share, 0.0),
        metric("latency_p95", "p95 latency", Unit::Milliseconds, 40.0),
        metric("cost_per_case", "Cost per case", Unit::Usd, 0.0001),
        metric("retrieval.score", "Recall@5", Unit::Score, 0.9),
        metric("refusal", "Refusal", Unit::Share, 0.9),
    ];
    let limit = |metric: &str, limit: f64| Threshold {
        metric: metric.into(),
        bound: Bound::AtLeast,
        limit,
        demand_bound: false,
        outcome: None,
    };
    let thresholds = [
        limit("pass_rate", 0.85),
        limit("retrieval.score", 0.8),
        limit("refusal", 0.8),
    ];
    RunSummary {
        run: RunId::new(),
        number,
        project,
        suite_name: "golden".into(),
        purpose: Purpose::Candidate,
        status: RunStatus::Finished,
        started_at: at,
        finished_at: Some(at + Duration::seconds(40)),
        dataset: ContentHash::of("dataset"),
        suite: ContentHash::of("suite"),
        target: TargetIdentity {
            name: "service".into(),
            git_commit: None,
            git_dirty: None,
            source: ContentHash::of("source"),
            configuration: ContentHash::of("configuration"),
            prompt: None,
            models: vec![ModelServed {
                name: "practice-small".into(),
                trials: 100,
                practice: true,
            }],
            snapshots: Vec::new(),
        },
        cases: 100,
        trials: 100,
        planned: 100,
        repeat: 1,
        passed: 80,
        failed: 20,
        errored: 0,
        gate: Gate::judge(&thresholds, &metrics, &[]),
        metrics,
        categories: Vec::new(),
        failures: Vec::new(),
        grading: None,
        severities: Default::default(),
        tokens: None,
        cost_usd: Some(0.01),
        unpriced: 0,
        practice: true,
        own_cases: 0,
        starter: Some("rag-support-assistant".into()),
        target_changed: false,
        flipping_cases: None,
        repeats: None,
        group: None,
        shard: None,
        skipped_rows: 0,
        retries: 0,
        cached: 0,
        grading_cost_usd: None,
        stopped: None,
    }
}

/// The learner's own cases, a changed target and a real model.
pub fn own_work(run: &mut RunSummary) {
    run.own_cases = 40;
    run.target_changed = true;
    run.practice = false;
}
