//! A window under the hand of a test.

use crate::driver::{Element, Session};
use serde_json::Value;
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The longest that a test waits for something to appear.
const PATIENCE: Duration = Duration::from_secs(30);

/// The app's window with its driver. Dropped, both are gone.
pub struct Window {
    session: Session,
    driver: Child,
    data: PathBuf,
}

impl Window {
    /// Opens the app on a data folder; new projects are proposed below `projects`.
    pub async fn open(data: &Path, projects: &Path) -> Self {
        let binary = std::env::var("PLAYBOOK_APP_BINARY")
            .expect("PLAYBOOK_APP_BINARY names the app; `cargo xtask test --only e2e` sets it");
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("PLAYBOOK_DATA", data)
            .env("PLAYBOOK_PROJECTS", projects)
            // What the web view remembers must not pass from one test to the next.
            .env("XDG_DATA_HOME", data.join("web-data"))
            .env("XDG_CONFIG_HOME", data.join("web-config"))
            .env("XDG_CACHE_HOME", data.join("web-cache"))
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver is there (package webkit2gtk-driver)");
        let address = format!("http://127.0.0.1:{port}");
        let began = Instant::now();
        let session = loop {
            match Session::start(&address, &binary).await {
                Ok(session) => break session,
                Err(error) if began.elapsed() > PATIENCE => panic!("the window did not open: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        };
        let window = Self {
            session,
            driver,
            data: data.to_path_buf(),
        };
        window.see("Playbook").await;
        window
    }

    /// Closes the window in an orderly way.
    pub async fn close(mut self) {
        self.session.end().await;
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }

    /// Ends the app with SIGKILL, as a crash would, and returns when it is gone.
    pub async fn kill_app(mut self) {
        let pids = processes_with("PLAYBOOK_DATA", &self.data.display().to_string(), "playbook-app");
        assert!(!pids.is_empty(), "the app has no process");
        for pid in pids {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    /// Everything that can be read on the page.
    pub async fn text(&self) -> String {
        let text = self
            .session
            .script("return document.body.innerText", vec![])
            .await;
        text.ok()
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Waits until the page says this.
    pub async fn see(&self, expected: &str) {
        self.until(&format!("“{expected}” on the page"), async |window| {
            window.text().await.contains(expected).then_some(())
        })
        .await;
    }

    /// Waits until something is so, and shows the page when it never is.
    pub async fn until<T>(&self, what: &str, check: impl AsyncFn(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = check(self).await {
                return found;
            }
            if began.elapsed() > PATIENCE {
                let address = self.address().await;
                panic!(
                    "waited in vain for {what} at {address}. The page says:\n{}",
                    self.text().await
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The element of this XPath, once it is shown.
    pub async fn element(&self, path: &str) -> Element {
        self.until(&format!("the element {path}"), async |window| {
            for element in window.session.find(path).await.ok()? {
                if window.session.is_shown(&element).await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        })
        .await
    }

    /// Clicks the button, link or tab of this name.
    pub async fn click(&self, name: &str) {
        let named = format!(
            "normalize-space()='{name}' or @aria-label='{name}' or starts-with(@aria-label, '{name}')"
        );
        let path = format!(
            "//*[(self::button or self::a or @role='button' or @role='tab' or @role='radio') and not(@disabled) and ({named})]"
        );
        self.click_element(&path).await;
    }

    /// Clicks the element of this XPath; waits while something still covers or moves it.
    pub async fn click_element(&self, path: &str) {
        self.until(&format!("a click on {path}"), async |window| {
            let element = window.element(path).await;
            window.session.click(&element).await.ok()
        })
        .await;
    }

    /// Types into the field of this label, in place of what is there.
    pub async fn fill(&self, label: &str, text: &str) {
        let path = format!(
            "//*[(self::input or self::textarea) and (@id=//label[normalize-space()='{label}' or starts-with(normalize-space(), '{label}')]/@for or @aria-label='{label}')]"
        );
        let field = self.element(&path).await;
        self.session.clear(&field).await.unwrap();
        self.session.type_into(&field, text).await.unwrap();
    }

    /// Goes to an address within the app as a link would.
    pub async fn go(&self, path: &str) {
        let script = "const a = document.createElement('a'); a.href = arguments[0]; document.body.append(a); a.click(); a.remove();";
        self.session
            .script(script, vec![Value::String(path.to_owned())])
            .await
            .unwrap();
    }

    /// The path and query of the page.
    pub async fn address(&self) -> String {
        let address = self
            .session
            .script("return location.pathname + location.search", vec![])
            .await;
        address
            .ok()
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Runs a script in the page.
    pub async fn run_script(&self, script: &str) -> Value {
        self.session.script(script, vec![]).await.unwrap()
    }

    /// Saves a picture of the page, when `PLAYBOOK_SCREENSHOTS` names a folder. Asked for by a person, never by the suite.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("PLAYBOOK_SCREENSHOTS") else {
            return;
        };
        // Wait for fonts and for the short transitions.
        tokio::time::sleep(Duration::from_millis(400)).await;
        std::fs::create_dir_all(&folder).unwrap();
        // The driver's own screenshot hangs without compositing; ImageMagick takes the display as a person sees it.
        let path = Path::new(&folder).join(format!("{name}.png"));
        let taken = Command::new("import")
            .args(["-window", "root"])
            .arg(path)
            .status();
        assert!(
            taken.is_ok_and(|status| status.success()),
            "pictures need ImageMagick's `import`"
        );
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // A test that failed leaves neither driver nor app behind.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        for pid in processes_with("PLAYBOOK_DATA", &self.data.display().to_string(), "playbook-app") {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        }
    }
}

/// Processes whose environment holds this variable and whose command holds this text.
pub fn processes_with(name: &str, value: &str, command: &str) -> Vec<u32> {
    let wanted = format!("{name}={value}");
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == wanted.as_bytes())
                && String::from_utf8_lossy(&line).contains(command)
        })
        .collect()
}
