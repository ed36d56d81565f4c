//! Which system this is, as far as installing something on it goes.

use std::collections::HashMap;

/// A family of systems that install in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Debian and its children but Ubuntu: apt.
    Debian,
    /// Ubuntu and its children: apt, and Chromium as a snap.
    Ubuntu,
    /// Fedora, Red Hat and their children: dnf.
    Fedora,
    /// Arch and its children: pacman.
    Arch,
    /// openSUSE and SLE: zypper.
    Suse,
    /// Alpine: apk.
    Alpine,
    /// A Linux whose package manager is not known here.
    OtherLinux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Platform {
    /// The system this program runs on.
    pub fn here() -> Self {
        if cfg!(windows) {
            return Self::Windows;
        }
        if cfg!(target_os = "macos") {
            return Self::MacOs;
        }
        let release = std::fs::read_to_string("/etc/os-release")
            .or_else(|_| std::fs::read_to_string("/usr/lib/os-release"));
        Self::of_release(&release.unwrap_or_default())
    }

    /// The family that an os-release file describes.
    fn of_release(text: &str) -> Self {
        let fields = fields(text);
        let field = |name: &str| fields.get(name).map_or("", String::as_str);
        // The system's own name first, then the ones it descends from, nearest first.
        for name in std::iter::once(field("ID")).chain(field("ID_LIKE").split_whitespace()) {
            match name {
                "ubuntu" => return Self::Ubuntu,
                // Mint, Pop!_OS and others say "ubuntu debian": the nearest comes first.
                "debian" => return Self::Debian,
                "fedora" | "rhel" | "centos" => return Self::Fedora,
                "arch" | "archlinux" => return Self::Arch,
                "suse" | "opensuse" => return Self::Suse,
                "alpine" => return Self::Alpine,
                other if other.starts_with("opensuse") => return Self::Suse,
                _ => {}
            }
        }
        Self::OtherLinux
    }

    /// Whether packages come through apt.
    pub fn uses_apt(self) -> bool {
        matches!(self, Self::Debian | Self::Ubuntu)
    }

    /// Whether the window needs an X or Wayland display here.
    pub fn is_linux(self) -> bool {
        !matches!(self, Self::MacOs | Self::Windows)
    }
}

/// The `NAME=value` lines of an os-release file, unquoted.
fn fields(text: &str) -> HashMap<String, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_family_from_os_release() {
        let cases = [
            (
                "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n",
                Platform::Debian,
            ),
            ("ID=ubuntu\nID_LIKE=debian\n", Platform::Ubuntu),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", Platform::Ubuntu),
            ("ID=raspbian\nID_LIKE=debian\n", Platform::Debian),
            ("ID=fedora\n", Platform::Fedora),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", Platform::Fedora),
            ("ID=manjaro\nID_LIKE=arch\n", Platform::Arch),
            (
                "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n",
                Platform::Suse,
            ),
            ("ID=alpine\n", Platform::Alpine),
            ("# ID=debian\nID='nixos'\n", Platform::OtherLinux),
            ("", Platform::OtherLinux),
        ];
        for (text, platform) in cases {
            assert_eq!(Platform::of_release(text), platform, "{text}");
        }
    }
}
