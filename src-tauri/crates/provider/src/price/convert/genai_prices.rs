use super::Conversion;
use chrono::NaiveDate;
use serde_json::Value;
pub(super) fn convert(_table: &Value, _checked: NaiveDate) -> Conversion {
    Conversion::default()
}
