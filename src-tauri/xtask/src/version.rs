//! Version numbers of tools.

use std::fmt;

/// The first two numbers of a version, which are all that a requirement here asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// The first version in what a tool says of itself: `rustc 1.95.0 (…)`, `v20.20.2`, `11.19.1`.
    pub fn first_in(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let mut numbers = word.trim_start_matches('v').split('.');
            let major = numbers.next()?.parse().ok()?;
            let minor: String = numbers.next()?.chars().take_while(char::is_ascii_digit).collect();
            Some(Self {
                major,
                minor: minor.parse().ok()?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_in_what_tools_say() {
        let version = |major, minor| Some(Version { major, minor });
        assert_eq!(
            Version::first_in("rustc 1.95.0 (59807616e 2026-04-14)"),
            version(1, 95)
        );
        assert_eq!(
            Version::first_in("rustc 1.97.0-nightly (abc 2026-01-01)"),
            version(1, 97)
        );
        assert_eq!(Version::first_in("rustc 1.93-beta.2"), version(1, 93));
        assert_eq!(Version::first_in("v20.20.2\n"), version(20, 20));
        assert_eq!(Version::first_in("11.19.1"), version(11, 19));
        assert_eq!(Version::first_in("command not found"), None);
        assert_eq!(Version::first_in(""), None);
    }

    #[test]
    fn compares_by_number_not_by_letter() {
        assert!(Version { major: 20, minor: 9 } < Version { major: 20, minor: 19 });
        assert!(Version { major: 18, minor: 20 } < Version { major: 20, minor: 0 });
    }
}
