// Records what promptfoo itself says of every configuration in tests/fixtures/promptfoo/NAME/promptfooconfig.yaml, into
// verdicts.json beside it. Needs promptfoo 0.121.20 somewhere outside of the repository:
//
//   npm install --prefix /tmp/pf promptfoo@0.121.20
//   node tests/promptfoo/record.mjs /tmp/pf [NAME...]
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './server.mjs';

const VERSION = '0.121.20';
const [prefix, ...only] = process.argv.slice(2);
if (!prefix) throw new Error('usage: node tests/promptfoo/record.mjs FOLDER_OF_NODE_MODULES [NAME...]');
const installed = path.join(path.resolve(prefix), 'node_modules/promptfoo');
const version = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')).version;
if (version !== VERSION) throw new Error(`promptfoo ${version} is installed; the recordings are of ${VERSION}`);

const fixtures = fileURLToPath(new URL('../fixtures/promptfoo', import.meta.url));
const names = readdirSync(fixtures).filter((name) => existsSync(path.join(fixtures, name, 'promptfooconfig.yaml')) && (only.length === 0 || only.includes(name)));
const server = await start();

const round = (number) => (typeof number === 'number' ? Math.round(number * 1e6) / 1e6 : null);

/** What a test compares. Texts that name the server or the folder are made the same everywhere. */
function verdicts(results, folder) {
  const same = (text) => (typeof text === 'string' ? text.replaceAll(server.url, 'LOOPBACK').replaceAll(folder, 'FOLDER') : text);
  return results
    .sort((a, b) => a.testIdx - b.testIdx || a.promptIdx - b.promptIdx)
    .map((result) => {
      const error = result.failureReason === 2;
      const verdict = {
        test: result.testIdx,
        prompt: result.promptIdx,
        provider: same(result.provider?.label || result.provider?.id),
        rendered: error ? undefined : same(result.prompt?.raw),
        success: result.success,
        score: round(result.score),
        error,
      };
      if (error) verdict.message = same(String(result.error)).split('\n')[0].slice(0, 200);
      const parts = result.gradingResult?.componentResults;
      if (parts && !error) verdict.assertions = parts.map((part) => ({ type: part?.assertion?.type, pass: part?.pass, score: round(part?.score) }));
      const named = Object.entries(result.namedScores ?? {}).map(([name, score]) => [name, round(score)]);
      if (named.length > 0) verdict.named = Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
      return verdict;
    });
}

async function record(name) {
  const folder = path.join(fixtures, name);
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'promptfoo-record-'));
  const output = path.join(temporary, 'out.json');
  const env = { ...process.env, LOOPBACK: server.url, GREETING: 'Good day', PROMPTFOO_CONFIG_DIR: temporary, PROMPTFOO_DISABLE_TELEMETRY: '1', PROMPTFOO_DISABLE_UPDATE: '1', PROMPTFOO_CACHE_ENABLED: 'false', PROMPTFOO_DISABLE_SHARING: '1', OPENAI_API_KEY: 'test-key', TZ: 'UTC' };
  const args = [path.join(installed, 'dist/src/entrypoint.js'), 'eval', '-c', 'promptfooconfig.yaml', '-o', output, '--no-cache', '--no-table', '--no-progress-bar', '--no-write'];
  const text = await new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024, timeout: 240_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
  let recorded;
  if (existsSync(output)) recorded = { promptfoo: VERSION, results: verdicts(JSON.parse(readFileSync(output, 'utf8')).results.results, folder) };
  // It refuses the whole configuration.
  else recorded = { promptfoo: VERSION, refused: true };
  writeFileSync(path.join(folder, 'verdicts.json'), `${JSON.stringify(recorded, null, 1)}\n`);
  if (process.env.KEEP) writeFileSync(path.join(os.tmpdir(), `promptfoo-${name}.log`), text);
  rmSync(temporary, { recursive: true, force: true });
  const count = recorded.results?.length;
  console.log(`${name}: ${recorded.refused ? `refused\n${text.slice(-1500)}` : `${count} results, ${recorded.results.filter((r) => r.success).length} passed, ${recorded.results.filter((r) => r.error).length} errors`}`);
}

const queue = [...names];
await Promise.all([0, 1].map(async () => {
  for (let name = queue.shift(); name; name = queue.shift()) await record(name);
}));
server.close();
