//! What people said of results, and why results failed.

use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use evidence::{Marks, ReviewPass, RootCause};
use harness::{
    TrialKey,
    review::{Review, ReviewFlags},
};
use rusqlite::{Row, params};
use std::collections::HashMap;

impl Store {
    /// What makes people look at results of a run, besides their records; only results with something.
    pub fn review_flags(&self, run: i64) -> Result<HashMap<TrialKey, ReviewFlags>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT case_index, repeat, awaits_person, judges_disagree, case_risk FROM result
                 WHERE run = ?1 AND (awaits_person OR judges_disagree OR case_risk IS NOT NULL)",
            )?;
            let rows = statement.query_map([run], |row| {
                let flags = ReviewFlags {
                    awaits_person: row.get(2)?,
                    judges_disagree: row.get(3)?,
                    case_risk: row.get(4)?,
                };
                Ok((key(row)?, flags))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps a review; another one of the same result and pass is replaced.
    pub fn save_review(&self, run: i64, review: &Review) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO review (run, case_index, repeat, pass, reviewer, passed, correct, valuable,
                     aligned, points, note, reviewed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                params![
                    run,
                    review.key.case_index,
                    review.key.repeat,
                    pass_number(review.pass),
                    review.reviewer,
                    review.passed,
                    review.marks.correct,
                    review.marks.valuable,
                    review.marks.aligned,
                    serde_json::to_string(&review.points)?,
                    review.note,
                    review.reviewed_at.to_rfc3339(),
                ],
            )?;
            Ok(())
        })
    }

    /// Every review of a run, or of one of its results: in case order, the first pass before the second.
    pub fn reviews(&self, run: i64, only: Option<TrialKey>) -> Result<Vec<Review>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT case_index, repeat, pass, reviewer, passed, correct, valuable, aligned, points, note, reviewed_at
                 FROM review WHERE run = ?1 AND (?2 IS NULL OR (case_index = ?2 AND repeat = ?3))
                 ORDER BY case_index, repeat, pass",
            )?;
            let (case_index, repeat) = (only.map(|key| key.case_index), only.map(|key| key.repeat));
            let mut rows = statement.query(params![run, case_index, repeat])?;
            let mut reviews = Vec::new();
            while let Some(row) = rows.next()? {
                reviews.push(review(row)?);
            }
            Ok(reviews)
        })
    }

    /// Says why a result failed, or takes that back.
    pub fn label_root_cause(
        &self,
        run: i64,
        key: TrialKey,
        cause: Option<RootCause>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            match cause {
                Some(cause) => transaction.execute(
                    "INSERT OR REPLACE INTO root_cause (run, case_index, repeat, cause, labelled_at)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![run, key.case_index, key.repeat, cause.as_str(), at.to_rfc3339()],
                )?,
                None => transaction.execute(
                    "DELETE FROM root_cause WHERE run = ?1 AND case_index = ?2 AND repeat = ?3",
                    params![run, key.case_index, key.repeat],
                )?,
            };
            Ok(())
        })
    }

    /// Why results of a run failed, as far as somebody said.
    pub fn root_causes(&self, run: i64) -> Result<HashMap<TrialKey, RootCause>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT case_index, repeat, cause FROM root_cause WHERE run = ?1")?;
            let mut rows = statement.query([run])?;
            let mut causes = HashMap::new();
            while let Some(row) = rows.next()? {
                // A cause of a later version is left out rather than taken for another one.
                if let Some(cause) = RootCause::parse(&row.get::<_, String>(2)?) {
                    causes.insert(key(row)?, cause);
                }
            }
            Ok(causes)
        })
    }
}

fn pass_number(pass: ReviewPass) -> u8 {
    match pass {
        ReviewPass::First => 1,
        ReviewPass::Second => 2,
    }
}

fn key(row: &Row<'_>) -> Result<TrialKey, rusqlite::Error> {
    Ok(TrialKey {
        case_index: row.get(0)?,
        repeat: row.get(1)?,
    })
}

fn review(row: &Row<'_>) -> Result<Review, StoreError> {
    let reviewed_at: String = row.get(10)?;
    Ok(Review {
        key: key(row)?,
        pass: if row.get::<_, u8>(2)? == 1 {
            ReviewPass::First
        } else {
            ReviewPass::Second
        },
        reviewer: row.get(3)?,
        passed: row.get(4)?,
        marks: Marks {
            correct: row.get(5)?,
            valuable: row.get(6)?,
            aligned: row.get(7)?,
        },
        points: serde_json::from_str(&row.get::<_, String>(8)?)?,
        note: row.get(9)?,
        reviewed_at: crate::project::parse(&reviewed_at)?,
    })
}
