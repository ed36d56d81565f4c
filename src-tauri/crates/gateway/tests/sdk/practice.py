"""Talks to the practice models as a program written for OpenAI would, with OpenAI's own client. Takes the base URL."""

import json
import sys

from openai import BadRequestError, OpenAI
from pydantic import BaseModel

client = OpenAI(base_url=sys.argv[1], api_key="unused")
QUESTION = "[fees] Late fees\nA late payment costs 12 EUR.\n\nQuestion: How much does a late payment cost?"
MESSAGES = [{"role": "system", "content": "Cite the passages."}, {"role": "user", "content": QUESTION}]
ANSWER = "A late payment costs 12 EUR. [fees]"
WEATHER = {
    "name": "get_weather",
    "description": "Get the weather for a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


class Fee(BaseModel):
    answer: str
    citations: list[str]
    amount: int | None


assert [model.id for model in client.models.list()] == ["practice-small", "practice-large"]
for model in ("practice-small", "practice-large"):
    said = client.chat.completions.create(model=model, messages=MESSAGES, logprobs=True).choices[0]
    assert said.message.content == ANSWER, said
    assert all(token.logprob <= 0 for token in said.logprobs.content), said

    chunks = list(client.chat.completions.create(model=model, messages=MESSAGES, stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == ANSWER
    assert chunks[-1].usage.completion_tokens > 0 and not chunks[-1].choices

    fee = client.chat.completions.parse(model=model, messages=MESSAGES, response_format=Fee).choices[0].message.parsed
    assert fee == Fee(answer=ANSWER, citations=["fees"], amount=12), fee

    tools = [{"type": "function", "function": WEATHER}]
    asked = [{"role": "user", "content": "What is the weather in Oslo?"}]
    message = client.chat.completions.create(model=model, messages=asked, tools=tools).choices[0].message
    call = message.tool_calls[0]
    assert json.loads(call.function.arguments) == {"city": "Oslo"}, call
    asked += [message, {"role": "tool", "tool_call_id": call.id, "content": '{"weather": "rain"}'}]
    assert client.chat.completions.create(model=model, messages=asked, tools=tools).choices[0].message.content == "weather rain."

    # The client asks for base64 where it is not told otherwise.
    packed = client.embeddings.create(model=model, input=["late fee"]).data[0].embedding
    plain = client.embeddings.create(model=model, input=["late fee"], encoding_format="float").data[0].embedding
    assert len(packed) == 256 and max(abs(one - other) for one, other in zip(packed, plain)) < 1e-6

try:
    client.chat.completions.create(model="practice-small", messages=MESSAGES, temperature=1.5, n=2)
    raise SystemExit("n=2 was accepted")
except BadRequestError as error:
    assert "'seed'" in error.message, error
