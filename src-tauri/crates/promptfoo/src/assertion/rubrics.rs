//! What judges are asked where a configuration writes no `rubricPrompt`. The words are this app's own; variables and the
//! form of the answer are promptfoo's.

pub(super) const RUBRIC: &str = r#"[
  {"role": "system", "content": "You grade an output against a rubric. Read both, decide whether the output meets the rubric, and answer with one JSON object and nothing else: {\"reason\": \"one or two sentences\", \"pass\": true or false, \"score\": a number from 0 to 1}."},
  {"role": "user", "content": "<Output>\n{{ output }}\n</Output>\n<Rubric>\n{{ rubric }}\n</Rubric>"}
]"#;

pub(super) const FACTUALITY: &str = r#"[
  {"role": "system", "content": "You compare the facts of a submission with those of an expert's answer. Style does not count. Choose one category: A, the submission says a part of what the expert says and nothing against it; B, it says all of it and more, and nothing against it; C, it says the same; D, the two disagree; E, they differ in nothing that matters to the facts. Answer with one JSON object and nothing else: {\"category\": \"A to E\", \"reason\": \"why\"}."},
  {"role": "user", "content": "<question>\n{{input}}\n</question>\n\n<expert_answer>\n{{ideal}}\n</expert_answer>\n\n<submitted_answer>\n{{completion}}\n</submitted_answer>"}
]"#;

pub(super) const CLOSED_QA: &str = r#"[
  {"role": "system", "content": "You judge whether a submission meets a criterion.\n\nTask: {{input}}\n\nSubmission: {{completion}}\n\nCriterion: {{criteria}}\n\nReason step by step first. Then write the verdict alone on the last line: Y where the criterion is met, N where it is not."}
]"#;

pub(super) const G_EVAL_STEPS: &str = r#"Turn these evaluation criteria into three or four short steps by which any text can be checked against them.

Criteria:
{{criteria}}

Answer with one line of JSON and nothing else: {"steps": ["first step", "second step"]}"#;

pub(super) const G_EVAL: &str = r#"Rate a reply by one metric.

Criteria:
{{criteria}}

Steps:
- {{steps}}

Prompt:
{{input}}

Reply:
{{output}}

Answer with one line of JSON and nothing else: {"score": a whole number from 0 (nothing of the criteria is met) to {{maxScore}} (all of it is), "reason": "what in the reply led to it, without the score"}"#;

pub(super) const ANSWER_QUESTION: &str = "Write the one question that this text answers, and nothing else.

Answer: {{answer}}
Question:";

pub(super) const CONTEXT_RECALL: &str = "Take the answer sentence by sentence and say of each whether the context supports it. Write one numbered line a sentence: the sentence, the reason, and at the end [Attributed] or [Not Attributed].

context: {{ context }}

answer: {{ groundTruth }}

classification:";

pub(super) const CONTEXT_RELEVANCE: &str = "Copy from the context the sentences that are needed to answer the question, one a line, unchanged. Where there is none, write: Insufficient Information

question: {{ query }}

context: {{ context }}

candidate sentences:";

pub(super) const FAITHFULNESS_STATEMENTS: &str =
    "Break the answer into statements that each can be understood alone, one a line.

question: {{question}}
answer: {{answer}}
statements:";

pub(super) const FAITHFULNESS_VERDICTS: &str = "Say of each statement whether it follows from the context. First explain each in a line; then write one line that begins with `Final verdict for each statement in order:` and gives Yes or No for each, each with a full stop after it.

Context:
{{context}}

statements:
{% for statement in statements %}{{ loop.index }}. {{ statement }}
{% endfor %}
Answer:";
