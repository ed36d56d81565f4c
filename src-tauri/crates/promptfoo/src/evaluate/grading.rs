//! The grading of one answer: transforms, assertions, sets, the scoring function.

use super::{Evaluation, Rendered};
use crate::{
    assertion::{Aggregate, Grading, Subject, run_one, score_by_function},
    configuration::TargetSpec,
    problem::Fault,
    provider::{ModelCalls, Response},
    template::Vars,
    test::{Assertion, TestCase},
    transform,
};
use serde_json::{Value, json};

impl Evaluation {
    pub(super) async fn graded(
        &self,
        target: &TargetSpec,
        case: &TestCase,
        rendered: &Rendered,
        mut response: Response,
        latency_ms: f64,
        models: &dyn ModelCalls,
    ) -> Result<(Grading, Value), Fault> {
        let caller = self.caller(models);
        let prompt = json!({ "raw": rendered.prompt, "label": target.prompt.label });
        if let Some(code) = &target.provider.transform {
            let context = json!({ "vars": rendered.vars, "prompt": prompt });
            response.output = transform::output(code, &response.output, context, &caller).await?;
        }
        let provider_output = response.output.clone();
        let own = ["transform", "postprocess"].iter().find_map(|key| {
            case.options
                .get(*key)
                .and_then(Value::as_str)
                .filter(|code| !code.is_empty())
        });
        if let Some(code) = own {
            let mut context = json!({ "vars": rendered.vars, "prompt": prompt });
            if let Some(metadata) = &response.metadata {
                context["metadata"] = metadata.clone();
            }
            response.output = transform::output(code, &response.output, context, &caller).await?;
        }
        let subject = Subject {
            caller,
            provider: &target.provider,
            graders: &self.graders,
            prompt: &rendered.prompt,
            case,
            vars: &rendered.vars,
            response: &response,
            provider_output: &provider_output,
            latency_ms,
            test: &rendered.test,
        };
        let grading = self.graded_by_assertions(&subject).await?;
        Ok((grading, response.output))
    }

    async fn graded_by_assertions(&self, subject: &Subject<'_>) -> Result<Grading, Fault> {
        let case = subject.case;
        if case.assertions.is_empty() {
            return Ok(Grading::new(true, 1.0, "No assertions"));
        }
        let mut whole = Aggregate::new(case.threshold);
        let mut sets = Vec::new();
        for (index, assertion) in case.assertions.iter().enumerate() {
            let Some(members) = &assertion.set else {
                self.add(subject, assertion, index, &mut whole).await?;
                continue;
            };
            let mut set = Aggregate::new(assertion.threshold);
            for (place, member) in members.iter().enumerate() {
                self.add(subject, member, place, &mut set).await?;
            }
            sets.push((index, assertion, set.finish()));
        }
        // Sets come after all single assertions, so that the last failure names the reason as in promptfoo.
        for (index, assertion, result) in sets {
            let metric = self.metric(assertion, subject.vars).await;
            whole.add(index, result, metric.as_deref(), assertion.weight);
        }
        let result = whole.finish();
        Ok(match &case.scoring {
            Some(reference) => score_by_function(&subject.caller, reference, result, case.threshold).await,
            None => result,
        })
    }

    async fn add(
        &self,
        subject: &Subject<'_>,
        assertion: &Assertion,
        index: usize,
        to: &mut Aggregate,
    ) -> Result<(), Fault> {
        let mut result = run_one(subject, assertion).await?;
        result.kind = Some(assertion.kind.clone());
        if Aggregate::is_blocked(assertion, &result) {
            to.block();
        }
        let metric = self.metric(assertion, subject.vars).await;
        to.add(index, result, metric.as_deref(), assertion.weight);
        Ok(())
    }

    async fn metric(&self, assertion: &Assertion, vars: &Vars) -> Option<String> {
        let metric = assertion.metric.as_deref()?;
        let rendered = self.templates.render(metric, vars).await;
        Some(rendered.unwrap_or_else(|_| metric.to_owned())).filter(|name| !name.is_empty())
    }
}
