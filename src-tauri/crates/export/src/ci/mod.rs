//! What a CI engine or a cluster needs to run a suite: files for the learner's own repository, made of `templates/ci/`.
//!
//! Every file does the same: installs the command line from the repository that is named once, runs the suite (whole or
//! in shards), merges, judges, and keeps JUnit, Markdown, HTML, JSONL and CSV. All of it writes below `.playbook-ci/`,
//! a hidden folder that git is told to ignore, so that writing a shard does not change the identity of what is measured.

mod check;

pub use check::CiError;

use portfolio::Templates;
use serde_json::{Value, json};

/// An engine that a file is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CiKind {
    /// A GitHub Actions workflow; a matrix where there are several shards.
    GithubActions,
    /// A GitLab job; `parallel` where there are several shards.
    GitlabCi,
    /// A Slurm array script.
    Slurm,
    /// A Kubernetes Indexed Job.
    Kubernetes,
}

impl CiKind {
    /// Every engine, in the order people are offered them.
    pub const ALL: [Self; 4] = [Self::GithubActions, Self::GitlabCi, Self::Slurm, Self::Kubernetes];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GithubActions => "github",
            Self::GitlabCi => "gitlab",
            Self::Slurm => "slurm",
            Self::Kubernetes => "kubernetes",
        }
    }

    /// The most shards that it takes: a GitHub matrix has 256 jobs at most, GitLab's `parallel` 200, a Slurm array 1,001
    /// tasks unless the cluster says otherwise (`MaxArraySize`), and a pod a shard is sensible to about as many.
    pub fn most_shards(self) -> u32 {
        match self {
            Self::GithubActions => 256,
            Self::GitlabCi => 200,
            Self::Slurm | Self::Kubernetes => 1000,
        }
    }
}

/// What the files have to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiRequest {
    /// The engines.
    pub kinds: Vec<CiKind>,
    /// Path of the suite from the folder that the files are written into, with forward slashes.
    pub suite: String,
    /// Parts that the run is cut into; 1 for a run in one piece.
    pub shards: u32,
    /// Git address that `cargo install --git` takes the command line from.
    pub repository: String,
    /// Tag or commit of it; absent for the newest commit.
    pub revision: Option<String>,
    /// Names of the secrets that the suite needs (`OPENAI_API_KEY`), never their values.
    pub secrets: Vec<String>,
    /// Git address of the project itself, which a Kubernetes pod has to fetch.
    pub project_repository: Option<String>,
    /// Branch, tag or commit of the project for Kubernetes; absent for the newest commit.
    pub project_revision: Option<String>,
}

/// A file for the learner's repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiFile {
    /// Path from the repository's root, with forward slashes.
    pub path: String,
    /// Its content.
    pub content: String,
    /// What is left to do by hand, or what to do instead when a file is there already.
    pub next: String,
}

const GITHUB: &str = ".github/workflows/playbook.yml";
const GITLAB: &str = ".gitlab/playbook.yml";
const GITLAB_ROOT: &str = ".gitlab-ci.yml";
const SLURM: &str = "ci/playbook.slurm.sh";
const KUBERNETES: &str = "ci/playbook.kubernetes.yaml";

/// The files for these engines. Nothing is written; the caller asks before it replaces anything.
pub fn files(request: &CiRequest, templates: &Templates) -> Result<Vec<CiFile>, CiError> {
    check::check(request)?;
    let secrets = request.secrets.join(", ");
    let needs = |place: &str| match secrets.as_str() {
        "" => "Commit it.".to_owned(),
        names => format!("Commit it, and set {names} under {place}."),
    };
    let mut files = Vec::new();
    for kind in &request.kinds {
        let mut add = |path: &str, template: &str, next: String| -> Result<(), CiError> {
            let content = templates.render(&format!("ci/{template}"), &context(request, path))?;
            files.push(CiFile {
                path: path.to_owned(),
                content,
                next,
            });
            Ok(())
        };
        match kind {
            CiKind::GithubActions => {
                let place = "Settings > Secrets and variables > Actions";
                add(GITHUB, "github.yml.tera", needs(place))?;
            }
            CiKind::GitlabCi => {
                let place = "Settings > CI/CD > Variables, masked";
                add(GITLAB, "gitlab.yml.tera", needs(place))?;
                let next = format!(
                    "Commit it. If you have this file already, add to it: include: [{{ local: {GITLAB} }}]"
                );
                add(GITLAB_ROOT, "gitlab-root.yml.tera", next)?;
            }
            CiKind::Slurm => {
                let next = format!("Run `bash {SLURM}` from the repository's root on a login node.");
                add(SLURM, "slurm.sh.tera", next)?;
            }
            CiKind::Kubernetes => {
                let next = "Follow the commands at its top; the storage class is yours to choose.".to_owned();
                add(KUBERNETES, "kubernetes.yml.tera", next)?;
            }
        }
    }
    Ok(files)
}

fn context(request: &CiRequest, path: &str) -> Value {
    let texts = |quote: fn(&str) -> String| {
        let revision = request.revision.as_deref().unwrap_or("");
        json!({
            "suite": quote(&request.suite),
            "repository": quote(&request.repository),
            "revision": quote(revision),
            "project_repository": quote(request.project_repository.as_deref().unwrap_or("")),
            "project_revision": quote(request.project_revision.as_deref().unwrap_or("")),
        })
    };
    json!({
        "path": path,
        "suite": request.suite,
        "shards": request.shards,
        "sharded": request.shards > 1,
        "numbers": (1..=request.shards).collect::<Vec<_>>(),
        "secrets": request.secrets,
        "quoted": texts(yaml),
        "shell": texts(shell),
        "reports": reports(".playbook-ci"),
        "shared_reports": reports("/shared"),
        "jobs": [
            { "name": "shards", "script": "shard.sh", "indexed": true },
            { "name": "merge", "script": "merge.sh", "indexed": false },
        ],
    })
}

/// The options that write every format.
fn reports(folder: &str) -> String {
    let formats = [
        ("output", "results.json"),
        ("junit", "junit.xml"),
        ("markdown", "summary.md"),
        ("html", "report.html"),
        ("jsonl", "results.jsonl"),
        ("csv", "results.csv"),
    ];
    formats
        .map(|(option, file)| format!("--{option} {folder}/reports/{file}"))
        .join(" ")
}

/// A double-quoted YAML scalar: JSON's strings are a part of YAML 1.2 (section 1.3).
fn yaml(text: &str) -> String {
    Value::from(text).to_string()
}

/// A single word of a POSIX shell.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
