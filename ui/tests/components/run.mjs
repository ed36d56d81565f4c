// Component tests: axe on every route in light and dark, at 200 % text too; the keyboard; and what rooms add in checks/*.mjs
// (each exports `default async ({ page, base, check, open })`). `--no-build` uses the last build; a word filters checks.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { browse, build, open, root, routes, serve } from './harness.mjs';

const args = process.argv.slice(2);
const only = args.find((a) => !a.startsWith('--'));
if (!args.includes('--no-build')) build();
const { base, close } = await serve();
const { context, close: closeBrowser } = await browse();
const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const problems = [];
let passed = 0;

function check(name, ok, detail = '') {
  if (ok) passed++;
  else problems.push(`${name}${detail ? `\n    ${detail}` : ''}`);
}

/** `within`: a selector; a modal is audited alone, what lies under its veil is out of reach. */
async function audit(page, name, within) {
  await page.evaluate(`window.axe ?? (() => { ${axe} })()`);
  const result = await page.evaluate((scope) => window.axe.run(scope ?? document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] }), within);
  for (const v of result.violations)
    check(`${name}: ${v.id}`, false, v.nodes.slice(0, 4).map((n) => `${n.target.join(' ')}: ${n.failureSummary?.split('\n').slice(1, 3).join(' ').trim()}`).join('\n    '));
  if (result.violations.length === 0) passed++;
}

const newPage = async (scheme = 'light') => {
  const page = await context.newPage();
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') check(`console on ${new URL(page.url()).pathname}`, false, m.text()); });
  page.on('pageerror', (e) => check(`error on ${new URL(page.url()).pathname}`, false, e.message));
  page.on('request', (r) => { if (!r.url().startsWith(base) && !r.url().startsWith('data:')) check('no request leaves the window', false, r.url()); });
  return page;
};

try {
  if (!only || only === 'axe') {
    for (const scheme of ['light', 'dark']) {
      const page = await newPage(scheme);
      for (const route of routes()) {
        await open(page, base + route);
        await audit(page, `${route} ${scheme}`);
        const headings = await page.locator('h1').count();
        check(`${route}: one h1`, headings === 1, `${headings} found`);
      }
      await page.close();
    }
    // Large text in the smallest window: nothing is cut off sideways.
    const page = await newPage();
    await page.setViewportSize({ width: 1024, height: 700 });
    for (const zoom of [1, 2]) {
      await open(page, base + '/');
      await page.evaluate((z) => localStorage.setItem('appearance', JSON.stringify({ theme: 'system', zoom: z })), zoom);
      for (const route of routes()) {
        await open(page, base + route);
        const over = await page.evaluate(() => {
          const box = document.querySelector('.page');
          return Math.max(document.documentElement.scrollWidth - innerWidth, box ? box.scrollWidth - box.clientWidth : 0);
        });
        check(`${route} at ${zoom * 100} %: no sideways scrolling`, over <= 0, `${over} px too wide`);
        if (zoom === 2) await audit(page, `${route} at 200 %`);
      }
    }
    await page.evaluate(() => localStorage.clear());
    await page.close();
  }
  const folder = join(root, 'tests/components/checks');
  for (const file of readdirSync(folder).filter((f) => f.endsWith('.mjs')).sort()) {
    if (only && only !== 'axe' && !file.includes(only)) continue;
    if (only === 'axe') continue;
    const page = await newPage();
    try {
      const { default: run } = await import(join(folder, file));
      await run({ page, base, check, open, audit: (name, within) => audit(page, name, within) });
    } catch (thrown) {
      check(file, false, String(thrown));
    }
    await page.close();
  }
} finally {
  await closeBrowser();
  close();
}
if (problems.length > 0) console.error(`\n${problems.map((p) => `  ✗ ${p}`).join('\n')}`);
console.log(`\n${passed} passed, ${problems.length} failed`);
process.exit(problems.length > 0 ? 1 : 0);
