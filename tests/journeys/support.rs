//! A desk with its own data folder and clock.

use api::{
    Code, Error, Host, Paths, Playbook,
    evidence::{Metric, ProjectId, Purpose, RunId, RunSummary},
    wire::{
        event::RunEvent,
        portfolio::{CaseStudyFile, ExportRequest, Exported, PortfolioView, SaveCaseStudyRequest},
        project::{CreateStarterRequest, OpenProjectRequest, ProjectRequest, ProjectRow, TrustRequest},
        run::{RunRequest, RunView, StartRunRequest},
        screen::RecordRequest,
    },
};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use journey::Command;
use playbook_tests::Sandbox;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// A clock that moves only when the test moves it.
pub struct Clock(Mutex<DateTime<Utc>>);

impl Host for Clock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }
}

/// The first day of week 1.
pub fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 2).unwrap()
}

pub struct Desk {
    pub sandbox: Sandbox,
    pub playbook: Playbook,
    clock: Arc<Clock>,
}

impl Desk {
    /// On the first day of week 1, at half past nine.
    pub fn new() -> Self {
        let sandbox = Sandbox::new();
        let clock = Arc::new(Clock(Mutex::new(
            Utc.with_ymd_and_hms(2026, 11, 2, 9, 30, 0).unwrap(),
        )));
        let paths = Paths {
            database: sandbox.data().join("playbook.db"),
            projects: sandbox.path("projects"),
        };
        let playbook = Playbook::open(paths, Arc::clone(&clock) as _).unwrap();
        Self {
            sandbox,
            playbook,
            clock,
        }
    }

    /// The database, as the next start finds it.
    pub fn database(&self) -> PathBuf {
        self.sandbox.data().join("playbook.db")
    }

    /// The app started once more on the same data.
    pub fn started_again(&self) -> Result<Playbook, Error> {
        let paths = Paths {
            database: self.database(),
            projects: self.sandbox.path("projects"),
        };
        Playbook::open(paths, Arc::clone(&self.clock) as _)
    }

    /// Lets days go by.
    pub fn days_pass(&self, days: u64) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.checked_add_days(Days::new(days)).unwrap();
    }

    pub async fn does(&self, command: Command) {
        self.playbook.record(RecordRequest { command }).await.unwrap();
    }

    pub async fn refused(&self, command: Command) -> Error {
        let error = self.playbook.record(RecordRequest { command }).await.unwrap_err();
        assert_eq!(error.code, Code::Refused, "{error}");
        error
    }

    pub async fn sets_out(&self) {
        self.does(Command::SetOut {
            start_date: Some(first_day()),
            role_family: None,
            self_scores: [("evaluation".to_owned(), 3), ("data_handling".to_owned(), 2)].into(),
        })
        .await;
    }

    pub async fn starter(&self) -> ProjectRow {
        let folder = self.sandbox.path("assistant").display().to_string();
        let request = CreateStarterRequest {
            starter: "rag-support-assistant".into(),
            folder,
        };
        self.playbook.create_starter(request).await.unwrap()
    }

    /// Gets to know a folder that has a suite, and trusts it.
    pub async fn opens(&self, folder: &Path) -> ProjectRow {
        let row = self
            .playbook
            .open_project(OpenProjectRequest {
                folder: folder.display().to_string(),
            })
            .await
            .unwrap();
        self.playbook
            .trust_project(TrustRequest {
                project: row.id,
                trusted: true,
            })
            .await
            .unwrap();
        row
    }

    /// A project of so many cases with two targets side by side, one of which is always right and one always wrong.
    pub async fn two_echoes(&self, cases: usize) -> ProjectId {
        let folder = self.sandbox.path("echoes");
        std::fs::create_dir_all(&folder).unwrap();
        let rows = (0..cases).map(|n| {
            format!("{{\"id\": \"case-{n:02}\", \"category\": \"plain\", \"question\": \"Is it right?\"}}\n")
        });
        std::fs::write(folder.join("golden.jsonl"), rows.collect::<String>()).unwrap();
        let suite = "version: 1
name: echoes
dataset: golden.jsonl
targets:
  - { name: right, echo: \"yes\" }
  - { name: wrong, echo: \"no\" }
graders:
  - { name: said, type: contains, value: \"yes\" }
";
        std::fs::write(folder.join("suite.yaml"), suite).unwrap();
        self.opens(&folder).await.id
    }

    /// A whole candidate run, to its end.
    pub async fn candidate(&self, project: ProjectId) -> RunView {
        self.run(ask(project)).await
    }

    pub async fn run(&self, request: StartRunRequest) -> RunView {
        let run = self.playbook.start_run(request).await.unwrap().run;
        self.ends(run).await
    }

    pub async fn ends(&self, run: RunId) -> RunView {
        if let Some(mut events) = self.playbook.watch(run) {
            while !matches!(
                events.recv().await,
                Ok(RunEvent::Ended { .. }) | Err(tokio::sync::broadcast::error::RecvError::Closed)
            ) {}
        }
        self.playbook.run(RunRequest { run }).await.unwrap()
    }

    pub async fn portfolio(&self, project: ProjectId) -> PortfolioView {
        self.playbook.portfolio(ProjectRequest { project }).await.unwrap()
    }

    /// Writes the case study's source as a person's own editor would.
    pub async fn writes(&self, project: ProjectId, text: &str) -> CaseStudyFile {
        let there = self
            .playbook
            .create_case_study(ProjectRequest { project })
            .await
            .unwrap();
        let request = SaveCaseStudyRequest {
            project,
            text: text.into(),
            hash: there.hash,
        };
        self.playbook.save_case_study(request).await.unwrap()
    }

    pub fn out(&self) -> PathBuf {
        self.sandbox.path("out")
    }

    pub async fn exports(&self, project: ProjectId) -> Result<Exported, Error> {
        self.exports_over(project, &[]).await
    }

    pub async fn exports_over(&self, project: ProjectId, replace: &[&str]) -> Result<Exported, Error> {
        let replace = replace.iter().map(|name| (*name).to_owned()).collect();
        let folder = self.out().display().to_string();
        self.playbook
            .export_case_study(ExportRequest {
                project,
                folder,
                replace,
            })
            .await
    }

    /// The exported Markdown and HTML.
    pub fn exported(&self) -> (String, String) {
        let read = |name: &str| std::fs::read_to_string(self.out().join(name)).unwrap();
        (read("case-study.md"), read("case-study.html"))
    }
}

pub fn ask(project: ProjectId) -> StartRunRequest {
    StartRunRequest::of(project)
}

pub fn experiment(project: ProjectId) -> StartRunRequest {
    StartRunRequest {
        purpose: Some(Purpose::Experiment),
        ..ask(project)
    }
}

pub fn metric<'a>(summary: &'a RunSummary, name: &str) -> &'a Metric {
    summary.metric(name).unwrap_or_else(|| panic!("no metric {name}"))
}

/// Changes one text in a file, which must be there.
pub fn change(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "no {from:?} in {}", path.display());
    std::fs::write(path, text.replace(from, to)).unwrap();
}
