//! `playbook providers` and `playbook prices`.

use playbook_tests::Sandbox;

#[test]
fn providers_are_listed_and_an_unknown_one_is_an_input_error() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["providers"]).exits(0);
    assert!(ran.stdout.starts_with("No providers yet."), "{}", ran.stdout);
    let view = sandbox.run(&["providers", "--json"]).exits(0).json();
    assert_eq!(view["usual_cap"], "$1.00");
    assert_eq!(view["providers"].as_array().unwrap().len(), 0);
    let ran = sandbox.run(&["providers", "--test", "OpenAI"]).exits(2);
    assert!(
        ran.stderr.contains("there is no provider `OpenAI`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_price_names_its_row_and_who_disagrees() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["prices", "gpt-5.6-sol"]).exits(0);
    let (used, others) = ran.stdout.split_once("Not used:").unwrap();
    assert!(
        used.contains("openai-gpt-5.6-sol-litellm-2026-08: 4 in, 20 out"),
        "{used}"
    );
    assert!(
        others.contains("openai-gpt-5.6-sol-genai-prices-2026-08: 5 in, 30 out"),
        "{others}"
    );
    let unknown = sandbox.run(&["prices", "nobody-1", "--json"]).exits(0).json();
    assert!(unknown["used"].is_null());
    assert!(
        unknown["text"]
            .as_str()
            .unwrap()
            .starts_with("No price is known for nobody-1")
    );
}
