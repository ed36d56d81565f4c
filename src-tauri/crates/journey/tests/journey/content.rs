//! The content that ships, and content that must not.

use crate::support::{content, day};
use journey::{Content, Record, setup_view};

#[test]
fn the_content_that_ships_is_whole() {
    let content = content();
    assert_eq!(content.weeks.len(), 12);
    assert_eq!(content.weeks_of(2), [5, 6, 7, 8]);
    assert_eq!(content.competencies.len(), 7);
    assert_eq!(content.role_families.len(), 4);
    assert!(
        content
            .targets_note
            .contains("defaults until you have collected job descriptions")
    );
}

#[test]
fn a_mistake_is_reported_with_its_file_and_line() {
    let error = Content::parse("months: []\nweeks: 3\n", "", "").unwrap_err();
    assert_eq!(error.file, "roadmap.yaml");
    assert!(error.problem.contains("line 2"), "{}", error.problem);
}

#[test]
fn the_first_screens_offer_everything_and_presume_nothing() {
    let view = setup_view(&Record::default(), &content(), day("2026-11-18"));
    assert!(!view.set_out);
    assert_eq!(view.start_date, day("2026-11-18"));
    assert_eq!(view.role_families.len(), 4);
    assert!(
        view.competencies
            .iter()
            .all(|competency| competency.self_level.is_none())
    );
    assert!(
        view.role_families
            .iter()
            .all(|family| !family.asks_most_of.is_empty())
    );
}
