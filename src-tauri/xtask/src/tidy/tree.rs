//! Reading `cargo tree`.

/// One line of `cargo tree --prefix depth`.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// How far below its root it stands.
    pub depth: usize,
    /// The package's name.
    pub name: &'a str,
    /// Whether it lies in this workspace.
    pub local: bool,
}

/// The packages that the tree shows, in its order.
pub fn lines(tree: &str) -> impl Iterator<Item = Line<'_>> {
    tree.lines().filter_map(line)
}

fn line(text: &str) -> Option<Line<'_>> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (depth, rest) = text.split_at(digits);
    let mut words = rest.split_whitespace();
    let name = words.next()?;
    // What follows name and version in parentheses is a folder, a source, `proc-macro` or `*`.
    let local =
        words.any(|word| word.starts_with("(/") || word.get(1..).is_some_and(|inner| inner.contains(":\\")));
    Some(Line {
        depth: depth.parse().ok()?,
        name,
        local,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_depth_name_and_home() {
        let tree = "0api v0.1.0 (/home/ada/playbook/src-tauri/crates/api)\n1chrono v0.4.45\n1serde_derive v1.0.229 (proc-macro)\n2evidence v0.1.0 (/home/ada/x) (*)\n\n12wide v1.0.0 (https://github.com/a/b#123)\n0win v0.1.0 (C:\\work\\win)\n[build-dependencies]\n";
        let read: Vec<_> = lines(tree)
            .map(|line| (line.depth, line.name, line.local))
            .collect();
        assert_eq!(
            read,
            [
                (0, "api", true),
                (1, "chrono", false),
                (1, "serde_derive", false),
                (2, "evidence", true),
                (12, "wide", false),
                (0, "win", true),
            ]
        );
    }
}
