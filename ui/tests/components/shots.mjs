// Screenshots of every route, to be looked at: node tests/components/shots.mjs OUT [--no-build] [/route ...]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { browse, build, open, routes, serve } from './harness.mjs';

const args = process.argv.slice(2);
const out = args.find((a) => !a.startsWith('-') && !a.startsWith('/')) ?? args.find((a) => a.startsWith('/tmp/')) ?? '/tmp/playbook-shots';
const asked = args.filter((a) => a.startsWith('/') && !a.startsWith('/tmp/'));
if (!args.includes('--no-build')) build();
mkdirSync(out, { recursive: true });
const { base, close } = await serve();
const { context, close: closeBrowser } = await browse();
const page = await context.newPage();
const shoot = async (route, name, width, height, scheme, zoom = 1) => {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await open(page, base + route);
  await page.evaluate((z) => localStorage.setItem('appearance', JSON.stringify({ theme: 'system', zoom: z })), zoom);
  await open(page, base + route);
  await page.waitForTimeout(200);
  await page.screenshot({ path: join(out, `${name}.png`) });
};
for (const route of asked.length > 0 ? asked : routes()) {
  const name = route === '/' ? 'today' : route.slice(1).replaceAll('/', '-');
  for (const scheme of ['light', 'dark']) await shoot(route, `${name}-${scheme}`, 1280, 800, scheme);
  if (route === '/gallery' || asked.length > 0) {
    await shoot(route, `${name}-long-light`, 1280, 3600, 'light');
    await shoot(route, `${name}-long-dark`, 1280, 3600, 'dark');
    await shoot(route, `${name}-hd`, 1920, 1080, 'light');
    await shoot(route, `${name}-zoom`, 1024, 700, 'light', 2);
  }
}
await closeBrowser();
close();
console.log(out);
