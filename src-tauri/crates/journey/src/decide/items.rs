//! Artifacts and items.

use super::{Context, Decision, required};
use crate::{
    command::Refusal,
    event::{Event, ItemId, ItemSource, Place},
    record::Item,
    words::filled,
};
use evidence::{Artifact, ArtifactId, ArtifactKind, RunId, RunStatus};

pub(super) fn link(
    context: &Context<'_>,
    place: Place,
    mut artifact: Artifact,
    need: Option<String>,
) -> Decision {
    check_place(context, place)?;
    check_kind(context, &artifact.kind)?;
    artifact.label = required(
        &artifact.label,
        "journey.label_empty",
        "The artifact has no name.",
        "Give it a name that says what it shows.",
    )?;
    let same = |linked: &crate::record::Linked| {
        linked.artifact.id == artifact.id || (linked.place == place && linked.artifact.kind == artifact.kind)
    };
    if context.record.linked.iter().any(same) {
        return Err(Refusal::new(
            "journey.already_linked",
            format!("“{}” is linked here already.", artifact.label),
            "Link something else, or take the first link off.",
        ));
    }
    if let Some(need) = &need {
        check_need(context, place, need)?;
    }
    Ok(vec![Event::ArtifactLinked {
        place,
        artifact,
        need,
    }])
}

fn check_need(context: &Context<'_>, place: Place, need: &str) -> Result<(), Refusal> {
    let week = |week: u8| context.content.week(week).map(|week| &week.closes_with);
    let needs = match place {
        Place::Week { week: number } => week(number),
        Place::Month { month } => context.content.month(month).map(|month| &month.closes_with),
        Place::Item { item } => context
            .record
            .item(item)
            .and_then(|item| item.week)
            .and_then(week),
    };
    if needs.is_some_and(|needs| needs.iter().any(|known| known.id == need)) {
        return Ok(());
    }
    Err(Refusal::new(
        "journey.no_such_need",
        format!("Nothing called `{need}` is asked for here."),
        "Link it without naming what it is for; it then counts for whatever accepts it.",
    ))
}

fn check_place(context: &Context<'_>, place: Place) -> Result<(), Refusal> {
    match place {
        Place::Week { week } => context.check_open_week(week),
        Place::Month { month } => context.check_open_month(month),
        Place::Item { item } => match find(context, item)?.week {
            Some(week) => context.check_open_week(week),
            None => Ok(()),
        },
    }
}

fn check_kind(context: &Context<'_>, kind: &ArtifactKind) -> Result<(), Refusal> {
    match kind {
        ArtifactKind::Run { run } => match context.facts.run(*run) {
            None => Err(no_such_run()),
            Some(summary) if summary.status != RunStatus::Finished => Err(Refusal::new(
                "journey.run_not_finished",
                format!(
                    "Run {} has not finished, so it shows nothing yet.",
                    summary.number
                ),
                "Let it finish or resume it, then link it.",
            )),
            Some(_) => Ok(()),
        },
        ArtifactKind::File { path, .. } => filled(path).map(|_| ()).ok_or_else(|| {
            Refusal::new(
                "journey.file_empty",
                "No file was chosen.",
                "Choose a file in a project folder.",
            )
        }),
        ArtifactKind::Link { url } if is_web_address(url) => Ok(()),
        ArtifactKind::Link { url } => Err(Refusal::new(
            "journey.link_not_web",
            format!("“{url}” is not an address that others can open."),
            "Give the whole address, beginning with https:// or http://.",
        )),
    }
}

fn is_web_address(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_alphanumeric() || first == '[')
            && !url.contains(char::is_whitespace)
    })
}

pub(super) fn unlink(context: &Context<'_>, artifact: ArtifactId) -> Decision {
    let linked = context.record.linked(artifact).ok_or_else(|| {
        Refusal::new(
            "journey.not_linked",
            "This artifact is not linked any more.",
            "Nothing is left to do.",
        )
    })?;
    check_place_of_linked(context, linked.place)?;
    Ok(vec![Event::ArtifactUnlinked { artifact }])
}

/// An artifact of an item that was dropped may always go.
fn check_place_of_linked(context: &Context<'_>, place: Place) -> Result<(), Refusal> {
    match place {
        Place::Item { item } if context.record.item(item).is_none() => Ok(()),
        place => check_place(context, place),
    }
}

pub(super) fn add(context: &Context<'_>, text: &str, week: Option<u8>) -> Decision {
    let text = item_text(text)?;
    added(context, text, week, ItemSource::Written)
}

pub(super) fn add_from_failure(
    context: &Context<'_>,
    run: RunId,
    case_id: &str,
    text: Option<String>,
    week: Option<u8>,
) -> Decision {
    let summary = context.facts.run(run).ok_or_else(no_such_run)?;
    let source = ItemSource::FailedCase {
        project: summary.project,
        run,
        case_id: case_id.to_owned(),
    };
    if context.record.items.iter().any(|item| item.source == source) {
        return Err(Refusal::new(
            "journey.already_an_item",
            format!("Case {case_id} of run {} is an item already.", summary.number),
            "Open it on the roadmap.",
        ));
    }
    let text = match text.as_deref().and_then(filled) {
        Some(text) => item_text(&text)?,
        None => format!(
            "Make case {case_id} pass: it failed in run {} on {}",
            summary.number, summary.suite_name
        ),
    };
    added(context, text, week, source)
}

fn added(context: &Context<'_>, text: String, week: Option<u8>, source: ItemSource) -> Decision {
    if let Some(week) = week {
        context.check_open_week(week)?;
    }
    let item = ItemId::at(context.now, context.record.items_ever + 1);
    Ok(vec![Event::ItemAdded {
        item,
        text,
        week,
        source,
    }])
}

pub(super) fn move_to(context: &Context<'_>, item: ItemId, week: Option<u8>) -> Decision {
    check_leaves(context, find(context, item)?)?;
    if let Some(week) = week {
        context.check_open_week(week)?;
    }
    Ok(vec![Event::ItemMoved { item, week }])
}

pub(super) fn drop_item(context: &Context<'_>, item: ItemId) -> Decision {
    check_leaves(context, find(context, item)?)?;
    Ok(vec![Event::ItemDropped { item }])
}

/// An item without an artifact may leave a closed week; one that the week was closed with may not.
fn check_leaves(context: &Context<'_>, item: &Item) -> Result<(), Refusal> {
    let backed = !context.record.linked_at(Place::Item { item: item.id }).is_empty();
    match item.week {
        Some(week) if backed => context.check_open_week(week),
        _ => Ok(()),
    }
}

fn find<'a>(context: &'a Context<'_>, item: ItemId) -> Result<&'a Item, Refusal> {
    context.record.item(item).ok_or_else(|| {
        Refusal::new(
            "journey.no_such_item",
            "This item is gone.",
            "Look at the roadmap again; it was dropped.",
        )
    })
}

fn item_text(text: &str) -> Result<String, Refusal> {
    required(
        text,
        "journey.item_empty",
        "The item says nothing yet.",
        "Write what is to be done.",
    )
}

fn no_such_run() -> Refusal {
    Refusal::new(
        "journey.no_such_run",
        "This run is not in the database.",
        "Choose a run of one of your projects.",
    )
}
