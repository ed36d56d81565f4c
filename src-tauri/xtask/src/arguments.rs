//! The few switches that the commands take.

use crate::failure::{Outcome, usage};

/// The words after a command's name, taken one by one; what is left over is refused.
pub struct Arguments {
    command: &'static str,
    words: Vec<String>,
}

impl Arguments {
    /// The words given to `command`.
    pub fn new(command: &'static str, words: Vec<String>) -> Self {
        Self { command, words }
    }

    /// Takes `--name` if it is there.
    pub fn switch(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Takes `--name VALUE` if it is there.
    pub fn value(&mut self, name: &str) -> Outcome<Option<String>> {
        let Some(position) = self.words.iter().position(|word| word == name) else {
            return Ok(None);
        };
        if position + 1 >= self.words.len() {
            return Err(usage(
                format!("`{name}` lacks its value"),
                "`cargo xtask help` shows how it is written",
            ));
        }
        self.words.remove(position);
        Ok(Some(self.words.remove(position)))
    }

    /// Refuses whatever has not been taken.
    pub fn finish(self) -> Outcome {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(usage(
                format!("`cargo xtask {}` does not know `{word}`", self.command),
                "`cargo xtask help` lists what it knows",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Arguments {
        Arguments::new("test", words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn takes_what_it_knows_and_refuses_the_rest() {
        let mut known = arguments(&["--full", "--only", "tidy"]);
        assert!(known.switch("--full"));
        assert!(!known.switch("--skip-e2e"));
        assert_eq!(known.value("--only"), Ok(Some("tidy".to_owned())));
        assert!(known.finish().is_ok());

        let unknown = arguments(&["--ful"]).finish().unwrap_err();
        assert_eq!(unknown.exit_code(), 2);
        assert!(unknown.to_string().contains("`--ful`"));
        assert!(arguments(&["--only"]).value("--only").is_err());
    }
}
