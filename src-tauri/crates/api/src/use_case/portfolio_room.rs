//! Portfolio: claims, the case study, bullets, exports.

use super::{Playbook, files::write_whole, project::absolute};
use crate::{
    Code, Error,
    wire::{
        Nothing,
        portfolio::{
            CaseStudyFile, CheckTextRequest, ClaimNamedRequest, ClaimRequest, ClaimsMade, CreateClaimRequest,
            ExportRequest, Exported, PortfolioView, SaveCaseStudyRequest,
        },
        project::ProjectRequest,
    },
};
use ::portfolio::{
    Bullet, CaseStudyCheck, CaseStudyInput, Claim, ClaimDefinition, Credits, ProofSite, RunComparison,
    assess_all, bullets, check, check_bullet, claim::is_slug, comparisons_needed, new_source, propose,
};
use chrono::{DateTime, Utc};
use evidence::{ClaimId, ContentHash, ProjectId, Purpose, RunId, RunStatus, RunSummary};
use export::ExportError;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};
use store::{ProjectRecord, RunRecord};

/// Where the case study's source lies in a project.
const SOURCE: &str = ::portfolio::case_study::SOURCE_PATH;
/// The exported page that proof links of bullets point into.
const PROOF_PAGE: &str = "case-study.html";

/// A project with everything that may be said of it.
struct Ledger {
    project: ProjectRecord,
    runs: Vec<RunSummary>,
    definitions: Vec<ClaimDefinition>,
    comparisons: Vec<RunComparison>,
    claims: Vec<Claim>,
}

impl Playbook {
    fn ledger(&self, project: ProjectId) -> Result<Ledger, Error> {
        let project = self.store.project(project)?;
        let records = self.store.runs(Some(project.id))?;
        let runs: Vec<RunSummary> = records.iter().map(|record| record.summary.clone()).collect();
        let definitions = self.store.claims(project.id)?;
        let by_id: HashMap<RunId, &RunRecord> = records
            .iter()
            .map(|record| (record.summary.run, record))
            .collect();
        let mut comparisons = Vec::new();
        for pair in comparisons_needed(&definitions, &runs) {
            let (Some(before), Some(after)) = (by_id.get(&pair.before), by_id.get(&pair.after)) else {
                continue;
            };
            let compared = self.compared(before, after)?;
            let of_pair = |comparison| RunComparison { pair, comparison };
            comparisons.extend(compared.comparisons.into_iter().map(of_pair));
        }
        let claims = assess_all(&definitions, &runs, &comparisons);
        Ok(Ledger {
            project,
            runs,
            definitions,
            comparisons,
            claims,
        })
    }

    /// A project's portfolio.
    pub async fn portfolio(&self, request: ProjectRequest) -> Result<PortfolioView, Error> {
        self.blocking(move |playbook| {
            let ledger = playbook.ledger(request.project)?;
            let case_study = read_source(&ledger.project)?;
            let input = case_study.text.as_deref().map(|text| ledger.input(text));
            let check = case_study.text.as_deref().map(|text| check(text, &ledger.claims));
            let preview_html = match (&input, &check) {
                (Some(input), Some(check)) => Some(playbook.preview(input, check.ok)?),
                _ => None,
            };
            let candidate = |run: &&RunSummary| {
                run.purpose == Purpose::Candidate && run.status == RunStatus::Finished
            };
            let exploration = ledger.runs.iter().find(candidate).is_none().then(|| {
                "No candidate has finished yet. Until one does, this project is an exploration and makes no claim."
                    .to_owned()
            });
            let bullets = bullets(&playbook.templates, &ledger.claims, &ledger.site())
                .map_err(|error| Error::internal(error.to_string()))?;
            Ok(PortfolioView {
                project: ledger.project.id,
                proposals: propose(&ledger.runs, &ledger.comparisons, &ledger.definitions),
                practice: ledger.claims.iter().any(|claim| claim.practice),
                project_name: ledger.project.name,
                folder: ledger.project.folder,
                claims: ledger.claims,
                exploration,
                case_study,
                check,
                preview_html,
                bullets,
            })
        })
        .await
    }

    /// As it would be exported; as a draft while anything is refused.
    fn preview(&self, input: &CaseStudyInput<'_>, ok: bool) -> Result<String, Error> {
        if ok {
            let files = export::case_study_files(input, &self.templates).map_err(export_error)?;
            if let Some(page) = files.into_iter().find(|file| file.path == PROOF_PAGE) {
                return Ok(String::from_utf8_lossy(&page.bytes).into_owned());
            }
        }
        let style = self.templates.get("case-study/style.css").unwrap_or_default();
        let draft = export::case_study_preview(input);
        Ok(format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Draft</title><style>{style}</style><main>{draft}</main></html>"
        ))
    }

    /// Makes a claim of a run.
    pub async fn create_claim(&self, request: CreateClaimRequest) -> Result<Nothing, Error> {
        self.blocking(move |playbook| {
            let slug = request.slug.trim().to_owned();
            if !is_slug(&slug) {
                return Err(Error::input(
                    format!("`{slug}` is not a name for a claim"),
                    "Use small letters, digits and hyphens, 64 at most, beginning with a letter, such as pass-rate.",
                ));
            }
            let run = playbook.store.run(request.run)?.summary;
            if run.project != request.project {
                return Err(Error::input(
                    "that run belongs to another project",
                    "Choose a run of this project.",
                ));
            }
            if run.metric(&request.metric).is_none() {
                let names: Vec<&str> = run.metrics.iter().map(|metric| metric.name.as_str()).collect();
                return Err(Error::input(
                    format!("run {} did not measure `{}`", run.number, request.metric),
                    format!("Choose one of: {}.", names.join(", ")),
                ));
            }
            playbook.store.add_claim(&ClaimDefinition {
                id: ClaimId::new(),
                project: request.project,
                slug,
                metric: request.metric,
                run: request.run,
                baseline: request.baseline,
                created_at: playbook.host.now(),
            })?;
            Ok(Nothing {})
        })
        .await
    }

    /// Makes the claims that the case study's text already names and the newest candidate offers.
    /// With `renew`, claims of a level that rest on an earlier candidate are made anew from the newest one: all that the
    /// text names, or none.
    pub async fn claim_what_the_text_names(&self, request: ClaimNamedRequest) -> Result<ClaimsMade, Error> {
        self.blocking(move |playbook| {
            let project = request.project;
            let ledger = playbook.ledger(project)?;
            let Some(text) = read_source(&ledger.project)?.text else {
                return Ok(ClaimsMade { slugs: Vec::new() });
            };
            let named: Vec<String> = check(&text, &ledger.claims)
                .tokens_used
                .into_iter()
                .map(|token| token.slug)
                .collect();
            let outdated: Vec<&Claim> = ledger
                .claims
                .iter()
                .filter(|claim| {
                    request.renew
                        && claim.change.is_none()
                        && claim.candidates_after > 0
                        && named.contains(&claim.slug)
                })
                .collect();
            let kept: Vec<ClaimDefinition> = ledger
                .definitions
                .iter()
                .filter(|definition| outdated.iter().all(|claim| claim.id != definition.id))
                .cloned()
                .collect();
            let offered = propose(&ledger.runs, &ledger.comparisons, &kept);
            // What was claimed of one of several targets is claimed of the same one, where that ran again.
            let anew = |metric: &str, target: Option<&str>| {
                let levels = || {
                    offered
                        .iter()
                        .filter(move |offer| offer.baseline.is_none() && offer.metric == metric)
                };
                levels()
                    .find(|offer| ledger.target(offer.run) == target)
                    .or_else(|| levels().max_by_key(|offer| ledger.run(offer.run).map(|run| run.number)))
            };
            // Everything is decided before anything is written: a claim is replaced, or it stays.
            let (mut renewed, mut lost) = (Vec::new(), Vec::new());
            for claim in &outdated {
                let target = claim.runs.last().and_then(|run| ledger.target(run.run));
                match anew(&claim.metric, target) {
                    Some(offer) => renewed.push((claim.slug.clone(), offer)),
                    None => lost.push(format!("`{}` (of {})", claim.slug, claim.metric)),
                }
            }
            if !lost.is_empty() {
                return Err(Error::new(
                    Code::Refused,
                    format!(
                        "the newest candidate does not measure what these claims say: {}; no claim was changed",
                        lost.join(", ")
                    ),
                    "Run a candidate that measures it, take the claim out of the text, or export without renewing.",
                ));
            }
            let mut made = Vec::new();
            let mut definitions = Vec::new();
            for (slug, offer) in renewed
                .into_iter()
                .chain(offered.iter().map(|offer| (offer.slug.clone(), offer)))
            {
                if named.contains(&slug) && !made.contains(&slug) {
                    definitions.push(ClaimDefinition {
                        slug: slug.clone(),
                        ..offer.define(project, playbook.host.now())
                    });
                    made.push(slug);
                }
            }
            let removed: Vec<ClaimId> = outdated.iter().map(|claim| claim.id).collect();
            playbook.store.replace_claims(&removed, &definitions)?;
            Ok(ClaimsMade { slugs: made })
        })
        .await
    }

    /// Takes a claim off.
    pub async fn remove_claim(&self, request: ClaimRequest) -> Result<Nothing, Error> {
        self.blocking(move |playbook| {
            playbook.store.remove_claim(request.claim)?;
            Ok(Nothing {})
        })
        .await
    }

    /// Writes the case study's source once, from its template.
    pub async fn create_case_study(&self, request: ProjectRequest) -> Result<CaseStudyFile, Error> {
        self.blocking(move |playbook| {
            let project = playbook.store.project(request.project)?;
            let there = read_source(&project)?;
            if there.text.is_some() {
                return Ok(there);
            }
            let text = new_source(&playbook.templates, &project.name)
                .ok_or_else(|| Error::internal("the template case-study/source.md is missing"))?;
            write_whole(&source_path(&project), text.as_bytes())?;
            read_source(&project)
        })
        .await
    }

    /// Saves the case study's source, unless the file says something else than what was edited.
    pub async fn save_case_study(&self, request: SaveCaseStudyRequest) -> Result<CaseStudyFile, Error> {
        self.blocking(move |playbook| {
            let project = playbook.store.project(request.project)?;
            let there = read_source(&project)?;
            if there.hash != request.hash {
                return Err(Error::new(
                    Code::FileChanged,
                    format!(
                        "{SOURCE} was changed outside the app since you opened it; nothing was overwritten"
                    ),
                    "Copy what you wrote, reload the file, and put it in again.",
                ));
            }
            write_whole(&source_path(&project), request.text.as_bytes())?;
            read_source(&project)
        })
        .await
    }

    /// Checks a case study's text without saving it.
    pub async fn check_case_study(&self, request: CheckTextRequest) -> Result<CaseStudyCheck, Error> {
        self.blocking(move |playbook| Ok(check(&request.text, &playbook.ledger(request.project)?.claims)))
            .await
    }

    /// Checks a bullet's text.
    pub async fn check_bullet(&self, request: CheckTextRequest) -> Result<Bullet, Error> {
        self.blocking(move |playbook| {
            let ledger = playbook.ledger(request.project)?;
            Ok(check_bullet(&request.text, &ledger.claims, &ledger.site()))
        })
        .await
    }

    /// Exports the case study as Markdown and as one HTML file.
    pub async fn export_case_study(&self, request: ExportRequest) -> Result<Exported, Error> {
        self.blocking(move |playbook| {
            let ledger = playbook.ledger(request.project)?;
            let Some(text) = read_source(&ledger.project)?.text else {
                return Err(Error::new(
                    Code::Refused,
                    format!(
                        "{} has no case study yet (looked for {SOURCE})",
                        ledger.project.name
                    ),
                    "Write one: the Portfolio room, or `playbook case-study`, lays out its sections.",
                ));
            };
            let files =
                export::case_study_files(&ledger.input(&text), &playbook.templates).map_err(export_error)?;
            let files: Vec<(String, Vec<u8>)> =
                files.into_iter().map(|file| (file.path, file.bytes)).collect();
            playbook.write_files(&absolute(&request.folder)?, &files, &request.replace)
        })
        .await
    }
}

impl Ledger {
    fn run(&self, run: RunId) -> Option<&RunSummary> {
        self.runs.iter().find(|one| one.run == run)
    }

    /// The name of what a run measured.
    fn target(&self, run: RunId) -> Option<&str> {
        self.run(run).map(|run| run.target.name.as_str())
    }

    fn input<'a>(&'a self, source: &'a str) -> CaseStudyInput<'a> {
        let candidates: Vec<&RunSummary> = self
            .runs
            .iter()
            .filter(|run| run.purpose == Purpose::Candidate && run.status == RunStatus::Finished)
            .collect();
        let newest = candidates.first();
        let mut commits: Vec<String> = Vec::new();
        for commit in candidates
            .iter()
            .rev()
            .filter_map(|run| run.target.git_commit.clone())
        {
            if !commits.contains(&commit) {
                commits.push(commit);
            }
        }
        CaseStudyInput {
            project: &self.project.name,
            source,
            claims: &self.claims,
            runs: &self.runs,
            credits: Credits {
                starter: self.project.starter.clone(),
                own_cases: newest.map_or(0, |run| run.own_cases),
                cases: newest.map_or(0, |run| run.cases),
                target_changed: newest.is_some_and(|run| run.target_changed),
                commits,
            },
        }
    }

    fn site(&self) -> ProofSite {
        ProofSite {
            project: self.project.name.clone(),
            base: Some(PROOF_PAGE.into()),
        }
    }
}

fn source_path(project: &ProjectRecord) -> PathBuf {
    Path::new(&project.folder).join(SOURCE)
}

fn read_source(project: &ProjectRecord) -> Result<CaseStudyFile, Error> {
    let path = source_path(project);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::file(&path, &error)),
    };
    let changed_at = std::fs::metadata(&path)
        .and_then(|metadata| metadata.modified())
        .ok()
        .map(DateTime::<Utc>::from);
    Ok(CaseStudyFile {
        path: SOURCE.into(),
        hash: text.as_ref().map(|text| ContentHash::of(text).to_string()),
        text,
        changed_at,
    })
}

fn export_error(error: ExportError) -> Error {
    match error {
        ExportError::Refused(check) => {
            let mut lines: Vec<String> = check
                .refusals
                .iter()
                .map(|refusal| {
                    format!(
                        "{SOURCE}:{}:{}: {} {}",
                        refusal.line, refusal.column, refusal.reason, refusal.hint
                    )
                })
                .collect();
            if !check.missing_sections.is_empty() {
                let names: Vec<String> = check
                    .missing_sections
                    .iter()
                    .filter_map(|section| {
                        serde_json::to_value(section)
                            .ok()?
                            .as_str()
                            .map(|name| name.replace('_', " "))
                    })
                    .collect();
                lines.push(format!(
                    "{SOURCE}: these sections are missing or empty: {}",
                    names.join(", ")
                ));
            }
            Error::new(
                Code::Refused,
                format!("the case study was not exported:\n{}", lines.join("\n")),
                "Correct the source and export again; no page was written.",
            )
        }
        other => Error::internal(other.to_string()),
    }
}
