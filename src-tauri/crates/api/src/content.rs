//! What ships with the app: roadmap, competencies, prices, starters. Data, read once at the start.

use crate::Error;
use include_dir::{Dir, include_dir};
use provider::PriceTable;

static CONTENT: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../../content");

/// Everything that ships.
pub struct ShippedContent {
    /// Roadmap, competencies, role families.
    pub journey: journey::Content,
    /// Prices of practice models and of providers.
    pub prices: PriceTable,
}

impl ShippedContent {
    /// Reads it. An error is a defect of the build, which `cargo xtask tidy` finds first.
    pub fn read() -> Result<Self, Error> {
        let journey = journey::Content::parse(
            text("roadmap.yaml")?,
            text("competencies.yaml")?,
            text("role-families.yaml")?,
        )
        .map_err(|error| Error::internal(error.to_string()))?;
        let mut prices = PriceTable::default();
        for name in ["prices/practice.json", "prices/list.json"] {
            let table = PriceTable::from_json(text(name)?)
                .map_err(|error| Error::internal(format!("content/{name}: {error}")))?;
            prices.extend(table);
        }
        Ok(Self { journey, prices })
    }
}

fn text(name: &str) -> Result<&'static str, Error> {
    CONTENT
        .get_file(name)
        .and_then(|file| file.contents_utf8())
        .ok_or_else(|| Error::internal(format!("content/{name} is missing from this build")))
}

/// The folder of a starter.
pub(crate) fn starter_folder(name: &str) -> Option<&'static Dir<'static>> {
    CONTENT.get_dir(format!("starters/{name}"))
}

/// The names of all starters.
pub(crate) fn starter_names() -> Vec<&'static str> {
    let Some(starters) = CONTENT.get_dir("starters") else {
        return Vec::new();
    };
    let names = starters
        .dirs()
        .filter_map(|folder| folder.path().file_name()?.to_str());
    names.collect()
}
