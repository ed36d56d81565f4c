// Builds the UI with the fake backend, serves it on a free port under the window's own CSP, and opens Chromium.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const site = join(root, 'build-fake');
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.json': 'application/json' };

export function build() {
  const done = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], {
    cwd: root, env: { ...process.env, VITE_BACKEND: 'fake', BUILD_DIR: 'build-fake' }, encoding: 'utf8'
  });
  if (done.status !== 0) throw new Error(`The build failed.\n${done.stdout}\n${done.stderr}`);
}

export async function serve() {
  const index = readFileSync(join(site, 'index.html'), 'utf8');
  // Tauri adds the hashes of inline scripts to the policy; so does this server.
  const hashes = [...index.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((m) => `'sha256-${createHash('sha256').update(m[1]).digest('base64')}'`);
  const csp = `default-src 'self'; script-src 'self' ${hashes.join(' ')}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; object-src 'none'; base-uri 'none'`;
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    const file = join(site, path);
    const found = file.startsWith(site) && existsSync(file) && statSync(file).isFile();
    if (!found && extname(path)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[found ? extname(file) : '.html'] ?? 'application/octet-stream', 'content-security-policy': csp });
    response.end(found ? readFileSync(file) : index);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  return { base: `http://127.0.0.1:${port}`, close: () => server.close() };
}

export async function browse() {
  const profile = mkdtempSync(join(tmpdir(), 'playbook-ui-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'Europe/Berlin',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic']
  });
  return { context, close: async () => { await context.close(); rmSync(profile, { recursive: true, force: true }); } };
}

/** Every route without a parameter, found in src/routes; `extra-routes.json` (a list of paths) adds concrete ones. */
export function routes() {
  const start = join(root, 'src/routes');
  const walk = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? walk(join(folder, e.name)) : e.name === '+page.svelte' ? ['/' + relative(start, folder).replace(/\\/g, '/')] : []);
  const extra = join(root, 'tests/components/extra-routes.json');
  const found = walk(start).filter((r) => !r.includes('[')).map((r) => r.replace(/\/?\([^/]+\)/g, '') || '/');
  return [...new Set([...found, ...(existsSync(extra) ? JSON.parse(readFileSync(extra, 'utf8')) : [])])].sort();
}

export async function open(page, url) {
  await page.goto(url);
  await page.waitForSelector('main');
  await page.evaluate(() => document.fonts.ready);
  await page.waitForLoadState('networkidle');
}
