// Talks to the practice models as a program written for OpenAI would, with OpenAI's own client. Takes the base URL.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'unused' });
const question = '[fees] Late fees\nA late payment costs 12 EUR.\n\nQuestion: How much does a late payment cost?';
const messages = [{ role: 'system', content: 'Cite the passages.' }, { role: 'user', content: question }];
const answer = 'A late payment costs 12 EUR. [fees]';
const weather = {
  name: 'get_weather',
  description: 'Get the weather for a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
};

for (const model of ['practice-small', 'practice-large']) {
  const whole = await client.chat.completions.create({ model, messages });
  assert.equal(whole.choices[0].message.content, answer);

  const streamed = await client.chat.completions.stream({ model, messages }).finalContent();
  assert.equal(streamed, answer);

  const tool = { type: 'function', function: { ...weather, parse: JSON.parse, function: async ({ city }) => ({ city, sky: 'rain' }) } };
  const asked = [{ role: 'user', content: 'What is the weather in Oslo?' }];
  const run = client.chat.completions.runTools({ model, messages: asked, tools: [tool] });
  assert.equal(await run.finalContent(), 'city Oslo, sky rain.');

  const embedded = await client.embeddings.create({ model, input: 'late fee' });
  assert.equal(embedded.data[0].embedding.length, 256);
}
