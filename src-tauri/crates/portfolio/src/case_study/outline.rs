//! The sections of a source.

use super::SectionKind;
use crate::prose::{blocks::Block, scan::Scan};
use pulldown_cmark::HeadingLevel;
use std::ops::Range;

/// A section as it stands in the source.
pub(crate) struct Part {
    pub kind: SectionKind,
    /// Index of its heading among the blocks.
    pub heading: usize,
    /// What stands below the heading.
    pub body: Range<usize>,
    /// Whether anything is written there.
    pub empty: bool,
}

/// A source's title, introduction and sections.
pub(crate) struct Outline {
    /// Index of the title among the blocks.
    pub title: Option<usize>,
    /// What stands between the title and the first section.
    pub intro: Range<usize>,
    pub parts: Vec<Part>,
}

impl SectionKind {
    /// Sections without which nothing is exported.
    pub const REQUIRED: [Self; 6] = [
        Self::Problem,
        Self::NonGoals,
        Self::Approach,
        Self::WhatChanged,
        Self::WhatFailed,
        Self::DeploymentNotes,
    ];

    /// The heading that the shipped template gives it.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Problem => "Problem",
            Self::Users => "Users",
            Self::NonGoals => "Non-goals",
            Self::Approach => "Approach",
            Self::WhatChanged => "What changed",
            Self::WhatFailed => "What failed and how it was fixed",
            Self::DeploymentNotes => "Deployment notes",
            Self::WhatComesNext => "What comes next",
            Self::Other => "Other",
        }
    }

    /// What a heading announces.
    fn of(heading: &str) -> Self {
        let heading = heading.to_lowercase().replace(['-', '\u{2011}'], " ");
        let says = |words: &[&str]| words.iter().any(|word| heading.contains(word));
        match () {
            () if says(&["non goal", "out of scope", "not in scope"]) => Self::NonGoals,
            () if says(&["fail", "went wrong"]) => Self::WhatFailed,
            () if says(&["changed", "result", "before and after"]) => Self::WhatChanged,
            () if says(&["deploy"]) => Self::DeploymentNotes,
            () if says(&["next"]) => Self::WhatComesNext,
            () if says(&["problem"]) => Self::Problem,
            () if says(&["user", "audience"]) => Self::Users,
            () if says(&["approach", "architecture", "how it works", "design"]) => Self::Approach,
            () => Self::Other,
        }
    }
}

/// Finds the sections.
pub(crate) fn outline(scan: &Scan<'_>) -> Outline {
    let blocks = &scan.parsed.blocks;
    let level = |block: &Block| block.heading.filter(|level| *level <= HeadingLevel::H2);
    let heads: Vec<usize> = (0..blocks.len())
        .filter(|&i| level(&blocks[i]).is_some())
        .collect();
    let title = heads
        .iter()
        .copied()
        .find(|&i| blocks[i].heading == Some(HeadingLevel::H1));
    let end_of = |next: usize| {
        heads
            .get(next)
            .map_or(scan.prepared.clean.len(), |&i| blocks[i].range.start)
    };
    let intro_from = title
        .filter(|title| heads.first() == Some(title))
        .map_or(0, |title| blocks[title].range.end);
    let first_part = usize::from(title.is_some() && heads.first() == title.as_ref());
    let parts = heads
        .iter()
        .enumerate()
        .filter(|(_, i)| Some(**i) != title)
        .map(|(at, &i)| {
            let body = blocks[i].range.end..end_of(at + 1).max(blocks[i].range.end);
            let written = |block: &Block| {
                block.heading.is_none() && body.contains(&block.range.start) && !block.is_empty()
            };
            let empty = !blocks.iter().any(written);
            let heading = blocks[i].text(0, blocks[i].chars.len());
            Part {
                kind: SectionKind::of(&heading),
                heading: i,
                body,
                empty,
            }
        })
        .collect();
    Outline {
        title,
        intro: intro_from..end_of(first_part).max(intro_from),
        parts,
    }
}
