//! The one thing to do next.
//!
//! Every rule that applies offers an action; the first in this order is the next one, the others are what
//! "Show me something else" shows:
//!
//! 1. no start date: choose it
//! 2. paused: go on
//! 3. no project: create or adopt one
//! 4. a run that was broken off: resume it
//! 5. no finished run: run
//! 6. the newest candidate failed its gate, and nothing was done about it: open the failures
//! 7. this week has no output: define it
//! 8. a week has all it needs: close it (oldest first)
//! 9. a week lacks something: link it (overdue weeks first)
//! 10. the suite is idle for more than seven days: run
//! 11. a month has its proof: close it
//! 12. no self-scores, scores a month old, or no focus: skills
//! 13. the next week has no output: define it
//! 14. otherwise: run again, or take the result to the portfolio

use super::Scene;
use crate::{
    content::WEEKS,
    event::{Event, ItemSource},
    facts::is_proof,
    views::{Action, NextAction, Route},
    words::count,
};
use evidence::{ArtifactKind, GateVerdict, ProjectId, RunStatus, RunSummary};

/// The next action and the others, best first.
pub(super) fn actions(scene: &Scene<'_>) -> (NextAction, Vec<NextAction>) {
    let mut actions: Vec<NextAction> = Vec::new();
    actions.extend(scene.set_out());
    actions.extend(scene.go_on());
    actions.extend(scene.projects_and_runs());
    actions.extend(scene.define_output());
    actions.extend(scene.weeks());
    actions.extend(scene.idle());
    actions.extend(scene.months());
    actions.extend(scene.skills());
    actions.extend(scene.next_output());
    actions.push(scene.otherwise());
    let next = actions.remove(0);
    (next, actions)
}

pub(super) fn action(code: &str, title: String, why: String, label: &str, route: Route) -> NextAction {
    NextAction {
        code: code.into(),
        title,
        why,
        action: Action {
            label: label.into(),
            route,
        },
    }
}

impl Scene<'_> {
    fn set_out(&self) -> Option<NextAction> {
        (!self.record.has_set_out()).then(|| {
            action(
                "set_out",
                "Choose your first day".into(),
                "Twelve weeks need a beginning; any weekday will do, and it can be moved later.".into(),
                "Set out",
                Route::Setup,
            )
        })
    }

    fn go_on(&self) -> Option<NextAction> {
        let pause = self.pause()?;
        let so_far = if pause.days == 0 {
            "since today".into()
        } else {
            format!("for {}", count(pause.days.into(), "day"))
        };
        Some(action(
            "resume_plan",
            "Go on with the plan".into(),
            format!("It has been paused {so_far}. Dates move along; nothing is overdue."),
            "Open roadmap",
            Route::Roadmap,
        ))
    }

    /// The project of the newest run, or the newest project.
    fn active_project(&self) -> Option<ProjectId> {
        let of_run = self.facts.newest().map(|run| run.project);
        of_run.or_else(|| {
            self.facts
                .projects
                .iter()
                .max_by_key(|project| project.created_at)
                .map(|p| p.id)
        })
    }

    fn projects_and_runs(&self) -> Option<NextAction> {
        let Some(project) = self.active_project() else {
            return Some(action(
                "create_project",
                "Start a project, or bring your own".into(),
                "Everything that follows is measured on real code. The starter runs without a key and without a \
                 network in under three minutes."
                    .into(),
                "New project",
                Route::NewProject,
            ));
        };
        if let Some(run) = self.facts.newest().filter(|run| run.status.can_resume()) {
            return Some(action(
                "resume_run",
                format!("Resume run {}", run.number),
                format!(
                    "It stopped with {} of {} results, which are kept; only the rest is run.",
                    run.trials, run.planned
                ),
                "Open run",
                Route::Run {
                    project: run.project,
                    run: run.run,
                    only_failed: false,
                },
            ));
        }
        if !self
            .facts
            .runs
            .iter()
            .any(|run| run.status == RunStatus::Finished)
        {
            return Some(action(
                "first_run",
                "Run the suite for the first time".into(),
                "A first run is the baseline that every later change is held against.".into(),
                "Start run",
                Route::StartRun { project },
            ));
        }
        self.failures()
    }

    fn failures(&self) -> Option<NextAction> {
        let newest = self.facts.newest().filter(|run| is_proof(run))?;
        if newest.gate.verdict != GateVerdict::Failed || self.was_dealt_with(newest) {
            return None;
        }
        let worst = newest.gate.metrics.iter().find(|metric| !metric.verdict.passes());
        let because = worst
            .map(|metric| format!("{}. ", metric.sentence))
            .unwrap_or_default();
        Some(action(
            "open_failures",
            format!("Open a failed case of run {}", newest.number),
            format!("{because}One failure understood is worth more than ten runs repeated."),
            "Open failures",
            Route::Run {
                project: newest.project,
                run: newest.run,
                only_failed: true,
            },
        ))
    }

    /// Whether a failure of this run became an item, or the run was linked to something.
    fn was_dealt_with(&self, run: &RunSummary) -> bool {
        self.record.entries().iter().any(|entry| match &entry.event {
            Event::ItemAdded {
                source: ItemSource::FailedCase { run: source, .. },
                ..
            } => *source == run.run,
            Event::ArtifactLinked { artifact, .. } => artifact.kind == ArtifactKind::Run { run: run.run },
            _ => false,
        })
    }

    fn idle(&self) -> Option<NextAction> {
        let (last, _) = self.idle_since()?;
        Some(action(
            "run_regression",
            format!("Run {} again", last.suite_name),
            "The last candidate run is more than a week old, so nobody knows whether it still holds.".into(),
            "Start run",
            Route::StartRun {
                project: last.project,
            },
        ))
    }

    fn skills(&self) -> Option<NextAction> {
        let scoring = self.record.scorings.last();
        let (code, title, why) = match scoring {
            None => (
                "score_skills",
                "Score yourself on seven competencies",
                "Two minutes. The scores stand beside what the record shows and decide the sprint's focus.",
            ),
            Some(scoring) if (self.today - scoring.on).num_days() >= self.content.rescore_days.into() => (
                "rescore_skills",
                "Score yourself again",
                "The last time is a month ago. What changed shows where the next sprint should go.",
            ),
            Some(_) if self.record.focus.is_none() => (
                "choose_focus",
                "Choose the sprint's focus",
                "Two competencies at a time; the two lowest are proposed.",
            ),
            Some(_) => return None,
        };
        Some(action(
            code,
            title.into(),
            why.into(),
            "Open skills",
            Route::Skills,
        ))
    }

    fn otherwise(&self) -> NextAction {
        let done = self.record.progress().weeks_closed == WEEKS;
        match self.active_project().filter(|_| !done) {
            Some(project) => action(
                "run_again",
                "Change one thing and run again".into(),
                "Nothing is waiting. One change, one run: then the difference has one cause.".into(),
                "Start run",
                Route::StartRun { project },
            ),
            None => action(
                "to_portfolio",
                "Take your results to the portfolio".into(),
                "What was measured can now be said: claims, a case study and bullets.".into(),
                "Open portfolio",
                Route::Portfolio,
            ),
        }
    }
}
