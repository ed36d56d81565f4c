// A loopback server with the answers of server.json: OpenAI-compatible chat and embeddings, and a few HTTP routes.
// `/mirror` gives back what it got, so that a recording shows how a request was made.
import http from 'node:http';
import { readFileSync } from 'node:fs';

const rules = JSON.parse(readFileSync(new URL('server.json', import.meta.url), 'utf8'));

/** Eight counts of bytes by their last three bits, each plus one: near for near texts, and the same in every language. */
function vector(text) {
  const counts = new Array(8).fill(1);
  for (const byte of Buffer.from(text, 'utf8')) counts[byte % 8] += 1;
  return counts;
}

function chat(request) {
  const texts = request.messages.map((message) => (typeof message.content === 'string' ? message.content : JSON.stringify(message.content)));
  const whole = texts.join('\n');
  const rule = rules.chat.find((rule) => rule.when.every((text) => whole.includes(text)));
  if (rule?.status) return { status: rule.status, body: { error: { message: 'broken', type: 'invalid_request_error' } } };
  const choice = { index: 0, finish_reason: rule?.finish_reason ?? 'stop', message: { role: 'assistant', ...(rule?.message ?? { content: texts.at(-1) }) } };
  if (rule?.logprobs) choice.logprobs = { content: rule.logprobs.map((logprob) => ({ token: 'x', logprob })) };
  return { status: 200, body: { id: 'x', object: 'chat.completion', model: request.model, choices: [choice], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } } };
}

export function start() {
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const url = new URL(request.url, 'http://loopback');
      const send = (status, value) => {
        response.writeHead(status, { 'content-type': typeof value === 'string' ? 'text/plain' : 'application/json' });
        response.end(typeof value === 'string' ? value : JSON.stringify(value));
      };
      if (url.pathname.endsWith('/chat/completions')) {
        const answer = chat(JSON.parse(body));
        return send(answer.status, answer.body);
      }
      if (url.pathname.endsWith('/embeddings')) {
        return send(200, { data: [{ embedding: vector(JSON.parse(body).input) }], usage: { prompt_tokens: 1, total_tokens: 1 } });
      }
      if (url.pathname === '/mirror') {
        const type = (request.headers['content-type'] ?? '').split(';')[0];
        return send(200, { method: request.method, query: url.search, type, mark: request.headers['x-mark'] ?? '', body });
      }
      const route = rules.http.find((route) => route.path === url.pathname);
      return route ? send(route.status, route.body) : send(404, 'no route');
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() })));
}
