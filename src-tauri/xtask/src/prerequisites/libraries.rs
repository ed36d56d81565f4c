//! System libraries and programs: installed where apt is there, named with the exact command elsewhere.

use super::Purpose;
use crate::failure::{Outcome, failure};
use crate::platform::Platform;
use crate::process;
use std::collections::HashSet;
use std::io::IsTerminal;
use std::process::Command;

/// The names under which Chromium goes.
pub const CHROMIUM_NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Something that apt can install.
struct Requirement {
    package: &'static str,
    why: &'static str,
    /// Any one of these programs on the search path will do instead of the package.
    or_program: &'static [&'static str],
    purposes: &'static [Purpose],
}

const EVERYTHING: &[Purpose] = &[Purpose::Window, Purpose::CommandLine, Purpose::Test];
const WINDOW: &[Purpose] = &[Purpose::Window, Purpose::Test];
const TEST: &[Purpose] = &[Purpose::Test];

const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        package: "build-essential",
        why: "the C compiler that SQLite is built with",
        or_program: &["c++"],
        purposes: EVERYTHING,
    },
    Requirement {
        package: "pkg-config",
        why: "finds the system libraries",
        or_program: &["pkg-config", "pkgconf"],
        purposes: EVERYTHING,
    },
    Requirement {
        package: "python3",
        why: "the starter project is a Python service",
        or_program: &["python3"],
        purposes: EVERYTHING,
    },
    Requirement {
        package: "libwebkit2gtk-4.1-dev",
        why: "draws the window",
        or_program: &[],
        purposes: WINDOW,
    },
    Requirement {
        package: "librsvg2-dev",
        why: "the window's icon",
        or_program: &[],
        purposes: WINDOW,
    },
    Requirement {
        package: "libssl-dev",
        why: "encryption in the window's network library",
        or_program: &[],
        purposes: WINDOW,
    },
    Requirement {
        package: "xvfb",
        why: "a display for the tests in the real window",
        or_program: &["Xvfb"],
        purposes: TEST,
    },
    Requirement {
        package: "webkit2gtk-driver",
        why: "drives the real window",
        or_program: &["WebKitWebDriver"],
        purposes: TEST,
    },
    Requirement {
        package: "dbus-x11",
        why: "a session bus of the tests' own",
        or_program: &["dbus-run-session"],
        purposes: TEST,
    },
    Requirement {
        package: "chromium",
        why: "the component tests run in it",
        or_program: &CHROMIUM_NAMES,
        purposes: TEST,
    },
];

/// Sees that the libraries for this purpose are there.
pub fn ensure(platform: Platform, purpose: Purpose) -> Outcome {
    if platform.uses_apt() {
        with_apt(platform, purpose)
    } else {
        by_hand(platform, purpose)
    }
}

fn with_apt(platform: Platform, purpose: Purpose) -> Outcome {
    let wanted: Vec<&Requirement> = REQUIREMENTS
        .iter()
        .filter(|requirement| requirement.purposes.contains(&purpose))
        .collect();
    let installed = installed(
        &wanted
            .iter()
            .map(|requirement| requirement.package)
            .collect::<Vec<_>>(),
    );
    let mut missing: Vec<&Requirement> = wanted
        .into_iter()
        .filter(|requirement| !installed.contains(requirement.package))
        .filter(|requirement| {
            !requirement
                .or_program
                .iter()
                .any(|name| process::find(name).is_some())
        })
        .collect();
    let snap_needed = platform == Platform::Ubuntu
        && missing
            .iter()
            .any(|requirement| requirement.package == "chromium");
    if snap_needed {
        missing.retain(|requirement| requirement.package != "chromium");
    }
    if !missing.is_empty() {
        println!("System packages that are missing:");
        for requirement in &missing {
            println!("  {:<22} {}", requirement.package, requirement.why);
        }
        install(
            &missing
                .iter()
                .map(|requirement| requirement.package)
                .collect::<Vec<_>>(),
        )?;
    }
    if snap_needed { chromium_on_ubuntu() } else { Ok(()) }
}

/// Which of these packages dpkg knows as installed.
fn installed(packages: &[&str]) -> HashSet<String> {
    // dpkg-query fails when it knows nothing of one of them, yet prints what it knows of the others.
    let output = Command::new("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Abbrev}\n"])
        .args(packages)
        .output();
    output
        .map(|output| installed_in(&String::from_utf8_lossy(&output.stdout)))
        .unwrap_or_default()
}

fn installed_in(answer: &str) -> HashSet<String> {
    answer
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, status)| status.trim() == "ii")
        .map(|(package, _)| package.to_owned())
        .collect()
}

fn install(packages: &[&str]) -> Outcome {
    let by_hand = format!(
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let Some(prefix) = as_root() else {
        return Err(failure(
            "installing them takes the administrator's rights, and there is no way to ask for them here",
            format!("run `{by_hand}`"),
        ));
    };
    if process::run(apt(&prefix, &["update"]), "").is_err() {
        println!("apt-get update failed; trying with the lists that are there.");
    }
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages.iter().map(|package| offered(package)));
    process::run(
        apt(&prefix, &arguments),
        &format!("see what apt says above, or run `{by_hand}`"),
    )
}

/// The name under which this release offers a package.
fn offered(package: &str) -> &str {
    // Ubuntu 25.10 and later renamed the driver.
    let renamed = package == "webkit2gtk-driver" && !process::succeeds("apt-cache", &["show", package]);
    if renamed { "webkitgtk-webdriver" } else { package }
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Command {
    let mut words = prefix.to_vec();
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    words.extend(arguments);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

/// What to put before a command that needs the administrator's rights; nothing when they cannot be had.
fn as_root() -> Option<Vec<&'static str>> {
    if process::ask("id", &["-u"]).is_some_and(|id| id.trim() == "0") {
        return Some(Vec::new());
    }
    process::find("sudo")?;
    if std::io::stdin().is_terminal() {
        return Some(vec!["sudo"]);
    }
    // Nobody can type a password.
    process::succeeds("sudo", &["-n", "true"]).then(|| vec!["sudo", "-n"])
}

fn chromium_on_ubuntu() -> Outcome {
    println!(
        "  {:<22} the component tests run in it; on Ubuntu it comes as a snap, not through apt",
        "chromium"
    );
    let remedy = "run `sudo snap install chromium`, or, where snaps do not run (containers), install Chrome from https://www.google.com/chrome";
    match (process::find("snap"), as_root()) {
        (Some(_), Some(prefix)) => {
            let mut words = prefix;
            words.extend(["snap", "install", "chromium"]);
            let mut command = Command::new(words[0]);
            command.args(&words[1..]);
            process::run(command, remedy)
        }
        _ => Err(failure("Chromium was not found", remedy)),
    }
}

/// Elsewhere nothing is installed: what can be seen to be missing stops with the exact command.
fn by_hand(platform: Platform, purpose: Purpose) -> Outcome {
    let mut missing = Vec::new();
    match platform {
        Platform::MacOs if !process::succeeds("xcode-select", &["-p"]) => {
            missing.push("Xcode's command line tools")
        }
        Platform::MacOs | Platform::Windows => {}
        _ => {
            if !process::succeeds("pkg-config", &["--version"]) {
                missing.push("pkg-config");
            } else if purpose != Purpose::CommandLine
                && !process::succeeds("pkg-config", &["--exists", "webkit2gtk-4.1"])
            {
                missing.push("WebKitGTK 4.1");
            }
            if purpose == Purpose::Test {
                for (program, name) in [
                    ("Xvfb", "Xvfb"),
                    ("WebKitWebDriver", "WebKitWebDriver"),
                    ("dbus-run-session", "D-Bus"),
                ] {
                    if process::find(program).is_none() {
                        missing.push(name);
                    }
                }
                if super::chromium().is_none() {
                    missing.push("Chromium");
                }
            }
        }
    }
    if !cfg!(windows) && process::find("python3").is_none() {
        missing.push("Python 3");
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(failure(
        format!("missing on this system: {}", missing.join(", ")),
        how_to_install(platform, purpose),
    ))
}

/// The install command of a system that this program does not install on.
fn how_to_install(platform: Platform, purpose: Purpose) -> String {
    let window = purpose != Purpose::CommandLine;
    let test = purpose == Purpose::Test;
    let (command, always, for_window, for_test) = match platform {
        // By capability, not by package name: names differ between releases, capabilities do not.
        Platform::Fedora => (
            "sudo dnf install",
            "gcc gcc-c++ make /usr/bin/pkg-config python3",
            "'pkgconfig(webkit2gtk-4.1)' 'pkgconfig(librsvg-2.0)' 'pkgconfig(openssl)'",
            "/usr/bin/Xvfb /usr/bin/WebKitWebDriver /usr/bin/dbus-run-session chromium",
        ),
        Platform::Arch => (
            "sudo pacman -S --needed",
            "base-devel python",
            "webkit2gtk-4.1 librsvg openssl",
            "xorg-server-xvfb webkitgtk-6.0 dbus chromium",
        ),
        Platform::Suse => (
            "sudo zypper install",
            "gcc gcc-c++ make pkg-config python3",
            "'pkgconfig(webkit2gtk-4.1)' 'pkgconfig(librsvg-2.0)' 'pkgconfig(openssl)'",
            "/usr/bin/Xvfb /usr/bin/WebKitWebDriver /usr/bin/dbus-run-session chromium",
        ),
        Platform::Alpine => (
            "sudo apk add",
            "build-base pkgconf python3",
            "pc:webkit2gtk-4.1 pc:librsvg-2.0 pc:openssl",
            "cmd:Xvfb cmd:WebKitWebDriver cmd:dbus-run-session chromium",
        ),
        Platform::MacOs => return "run `xcode-select --install` and `brew install python`".to_owned(),
        Platform::Windows => {
            return "install the Visual Studio C++ build tools and the WebView2 runtime as https://tauri.app/start/prerequisites says".to_owned();
        }
        _ => {
            return "install WebKitGTK 4.1 with its development files, librsvg, OpenSSL, a C compiler, pkg-config and Python 3, \
                    and for the tests Xvfb, WebKitWebDriver, D-Bus and Chromium"
                .to_owned();
        }
    };
    let mut words = vec![command, always];
    if window {
        words.push(for_window);
    }
    if test {
        words.push(for_test);
    }
    format!("run `{}`", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fully_installed_packages_count() {
        let answer = "xvfb ii \nlibssl-dev ii \nchromium rc \npython3 un \n";
        let installed = installed_in(answer);
        assert!(installed.contains("xvfb") && installed.contains("libssl-dev"));
        assert!(!installed.contains("chromium") && !installed.contains("python3"));
    }

    #[test]
    fn other_systems_get_the_exact_command_for_the_purpose() {
        let fedora = how_to_install(Platform::Fedora, Purpose::Window);
        assert!(fedora.starts_with("run `sudo dnf install ") && fedora.contains("pkgconfig(webkit2gtk-4.1)"));
        assert!(!fedora.contains("chromium"));
        assert!(how_to_install(Platform::Arch, Purpose::Test).contains("chromium"));
        assert!(!how_to_install(Platform::Alpine, Purpose::CommandLine).contains("webkit"));
    }
}
