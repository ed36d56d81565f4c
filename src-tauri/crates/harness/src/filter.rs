//! Which cases to run: `category=returns`, `id=returns-003`, `id~refund`, `fact~days`, several joined by `,` (and).

use crate::dataset::Case;

/// A condition on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: String,
    how: How,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Equals,
    Differs,
    Contains,
}

impl Filter {
    /// Reads an expression; the message says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let terms = text.split(',').map(term).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { terms })
    }

    /// Whether every term holds for the case.
    pub fn accepts(&self, case: &Case) -> bool {
        self.terms.iter().all(|term| {
            let value = match term.field.as_str() {
                "id" => Some(case.id.clone()),
                "category" => Some(case.category.clone()),
                field => case.text(field),
            };
            let value = value.unwrap_or_default();
            match term.how {
                How::Equals => value == term.value,
                How::Differs => value != term.value,
                How::Contains => value.to_lowercase().contains(&term.value.to_lowercase()),
            }
        })
    }
}

fn term(text: &str) -> Result<Term, String> {
    let text = text.trim();
    let (at, how, length) = [("!=", How::Differs), ("=", How::Equals), ("~", How::Contains)]
        .into_iter()
        .filter_map(|(sign, how)| text.find(sign).map(|at| (at, how, sign.len())))
        .min_by_key(|(at, _, _)| *at)
        .ok_or_else(|| {
            format!(
                "`{text}` is not a filter; expected field=value, field!=value or field~part, joined by commas"
            )
        })?;
    let field = text[..at].trim();
    if field.is_empty() {
        return Err(format!(
            "`{text}` names no field; expected for example category=returns"
        ));
    }
    Ok(Term {
        field: field.into(),
        how,
        value: text[at + length..].trim().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_join_by_and() {
        let case = Case {
            index: 0,
            id: "returns-003".into(),
            category: "returns".into(),
            fields: serde_json::Map::from_iter([("fact".to_owned(), "30 days".into())]),
        };
        for (text, expected) in [
            ("category=returns", true),
            ("category=returns,id~003", true),
            ("category!=returns", false),
            ("fact~DAYS", true),
            ("nothing=x", false),
        ] {
            assert_eq!(Filter::parse(text).unwrap().accepts(&case), expected, "{text}");
        }
        assert!(Filter::parse("returns").is_err());
        assert!(Filter::parse("=x").is_err());
    }
}
