//! `playbook providers` and `playbook prices`.

use crate::{Ended, console::print, print_json};
use api::{
    Error, Playbook,
    wire::{
        Nothing,
        price::{ModelPrice, ModelPriceRequest, PriceLine},
        provider::{KeyPlace, ProviderRequest, ProvidersView},
    },
};
use std::fmt::Write as _;

/// Lists the providers, or tries one.
pub async fn providers(playbook: &Playbook, test: Option<String>, json: bool) -> Result<Ended, Error> {
    if let Some(name) = test {
        let test = playbook.test_provider(ProviderRequest { name }).await?;
        if json {
            print_json(&test)?;
        } else {
            let models: String = test.models.iter().map(|model| format!("  {model}\n")).collect();
            print(&format!("{}\n{models}", test.text));
        }
        return Ok(Ended::Well);
    }
    let view = playbook.providers(Nothing {}).await?;
    if json {
        print_json(&view)?;
    } else {
        print(&list(&view));
    }
    Ok(Ended::Well)
}

fn list(view: &ProvidersView) -> String {
    let mut text = String::new();
    if view.providers.is_empty() {
        text.push_str("No providers yet. Add one in the window, in Settings under Providers.\n");
    }
    for row in &view.providers {
        let key = match &row.key {
            KeyPlace::None => "none needed".into(),
            KeyPlace::Environment { name, set: true } => name.clone(),
            KeyPlace::Environment { name, set: false } => format!("{name}, which is not set"),
            KeyPlace::Keychain => "in the keychain".into(),
        };
        let _ = writeln!(
            text,
            "{}\n  {} at {}\n  key: {key}\n  {}",
            row.name, row.api_label, row.base, row.spent_text
        );
    }
    for host in &view.hosts {
        let _ = writeln!(text, "{} (not configured)\n  {}", host.host, host.spent_text);
    }
    text
}

/// Which row prices a model, and what disagrees.
pub async fn prices(playbook: &Playbook, model: String, json: bool) -> Result<Ended, Error> {
    let price = playbook.model_price(ModelPriceRequest { model }).await?;
    if json {
        print_json(&price)?;
    } else {
        print(&told(&price));
    }
    Ok(Ended::Well)
}

fn told(price: &ModelPrice) -> String {
    let mut text = format!("{}\n", price.text);
    if let Some(used) = &price.used {
        row(&mut text, used);
    }
    if !price.others.is_empty() {
        text.push_str("\nNot used:\n");
        for other in &price.others {
            row(&mut text, other);
        }
    }
    text
}

fn row(text: &mut String, line: &PriceLine) {
    let _ = writeln!(
        text,
        "  {}: {} in, {} out, US dollars per million tokens",
        line.id, line.input, line.output
    );
    for rate in &line.more {
        let _ = writeln!(text, "    {}: {}", rate.label, rate.text);
    }
    let holds = line
        .holds
        .as_ref()
        .map(|holds| format!(", {holds}"))
        .unwrap_or_default();
    let _ = writeln!(text, "    {}, read {}{holds}", line.source, line.checked);
    if let Some(note) = &line.note {
        let _ = writeln!(text, "    {note}");
    }
}
