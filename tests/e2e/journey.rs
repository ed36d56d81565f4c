//! The whole chain in the window, from the first start to the exported case study.

use crate::window::Window;
use playbook_tests::Sandbox;

/// Onboarding, starter, run, failed case, week 4, evidence, export: and the exported numbers are the run's.
/// Shows R33, R104, R106, R123, R137.
#[tokio::test]
async fn from_the_first_start_to_the_exported_case_study() {
    let sandbox = Sandbox::new();
    let window = Window::open(&sandbox.data(), &sandbox.path("projects")).await;

    // Onboarding.
    window.see("When do you begin?").await;
    window.picture("setup-light").await;
    window.click("Continue").await;
    window.see("Which kind of role?").await;
    window
        .click_element("//label[contains(., 'Applied AI engineer')]")
        .await;
    window.click("Continue").await;
    window.see("Where do you stand today?").await;
    window.click_element("//input[@type='radio' and @value='3']/ancestor::label[1] | //label[.//input[@type='radio' and @value='3']]").await;
    window
        .click_element("//button[starts-with(normalize-space(), 'Continue')]")
        .await;
    window.see("Your first project").await;
    window.click("Create and go to the first run").await;

    // Nothing is shown yet.
    window.see("Start the run").await;
    window.go("/skills").await;
    evidence(&window, "none yet").await;

    // The first run.
    window.go("/projects").await;
    window
        .click_element("//main//a[contains(., 'RAG support assistant')]")
        .await;
    window.click("Run the suite").await;
    window.click("Start the run").await;
    window
        .until("the page of the run", async |window| {
            window.address().await.contains("/runs/").then_some(())
        })
        .await;
    window.see("Gate failed").await;
    window.see("59 %").await;
    let run_page = window.address().await;
    window.picture("results-light").await;
    window
        .run_script("document.documentElement.dataset.theme = 'dark'")
        .await;
    window.picture("results-dark").await;
    window
        .run_script("document.documentElement.dataset.theme = 'light'")
        .await;

    // A failed case, with its reason.
    window
        .click_element("//*[@role='row'][.//*[contains(text(), 'retrieval miss')]]")
        .await;
    window.see("Why it failed").await;
    window.see("not retrieved").await;

    // Week 4 closes with the run.
    window.go("/roadmap?week=4").await;
    window.click("Link a run").await;
    window.see("Link to week 4").await;
    window
        .click_element("//*[@role='dialog']//button[@type='submit']")
        .await;
    window
        .fill(
            "Retro",
            "The first run shows that retrieval misses most. I would have guessed the prompt.",
        )
        .await;
    window
        .fill("What comes next", "Raise the number of passages and compare.")
        .await;
    window.picture("roadmap-light").await;
    window.click("Close week 4").await;
    window.see("1/12").await;

    // Evidence has risen, and says why it goes no further.
    window.go("/skills").await;
    evidence(&window, "2").await;
    window.picture("skills-light").await;

    // The case study: the claims that its text names, then the export.
    window.go("/portfolio").await;
    window.see("RAG support assistant").await;
    window
        .click_element("//button[contains(., 'that the text names')]")
        .await;
    window.see("ready to export").await;
    window.picture("portfolio-light").await;
    window.click("Export").await;
    let folder = sandbox.path("export");
    window.fill("Folder", &folder.display().to_string()).await;
    window.click("Export here").await;
    window.see("case-study.html").await;

    // What the file says is what the run measured.
    let runs = sandbox.run(&["runs", "--json"]).exits(0).json();
    let run = &runs[0];
    assert!(run_page.contains(run["run"].as_str().unwrap()));
    let metric = |name: &str| {
        let metrics = run["metrics"].as_array().unwrap();
        metrics.iter().find(|metric| metric["name"] == name).unwrap()["value"]
            .as_f64()
            .unwrap()
    };
    for file in ["case-study.md", "case-study.html"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        for name in ["pass_rate", "fact", "refusal", "citations"] {
            let shown = format!("{:.0} %", metric(name) * 100.0);
            assert!(text.contains(&shown), "{file} does not say {shown} for {name}");
        }
        assert!(
            text.contains("practice"),
            "{file} does not say that a practice model answered"
        );
    }
    window.go("/").await;
    window.see("Today").await;
    window.picture("today-light").await;
    window.close().await;
}

/// Waits until the drawn scale of Evaluation says this of the evidence.
async fn evidence(window: &Window, level: &str) {
    let expected = format!("evidence {level}");
    window
        .until(&format!("{expected} for Evaluation"), async |window| {
            let script =
                "return [...document.querySelectorAll('svg[role=img]')].map((s) => s.getAttribute('aria-label'))";
            let labels: Vec<String> = serde_json::from_value(window.run_script(script).await).ok()?;
            labels.iter().any(|label| label.contains("Evaluation") && label.contains(&expected)).then_some(())
        })
        .await;
}
