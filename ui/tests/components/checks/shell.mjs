// The frame: palette, rail, skip link, focus, theme.
export default async function ({ page, base, check, open, audit }) {
  const focused = () => page.evaluate(() => {
    const e = document.activeElement;
    const style = e ? getComputedStyle(e) : null;
    return { tag: e?.tagName, text: e?.getAttribute('aria-label') ?? e?.textContent?.trim(), outline: style ? `${style.outlineStyle} ${style.outlineWidth}` : '' };
  });
  await open(page, base + '/');

  await page.keyboard.press('Tab');
  check('the first stop is the skip link', (await focused()).text === 'Skip to content');
  const names = [];
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press('Tab');
    const now = await focused();
    // A room may carry a count at its right.
    names.push(now.text?.replace(/ ?[\d/]+$/, ''));
    check(`focus is visible on ${now.text}`, /^solid (2|3)/.test(now.outline), now.outline);
  }
  check('the rail is reached in its order', names.join() === 'Today,Roadmap,Skills,Projects,Portfolio,Settings', names.join());

  await page.keyboard.press('Control+k');
  await page.waitForSelector('[data-command-input]');
  await audit('palette open', '[role=dialog]');
  await page.keyboard.type('road');
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/roadmap');
  check('the palette opens a room', new URL(page.url()).pathname === '/roadmap');
  check('the rail marks the room', (await page.locator('nav[aria-label="Rooms"] [aria-current="page"]').innerText()).trim().startsWith('Roadmap'));
  check('the title names the room', (await page.title()).startsWith('Roadmap'));

  await page.keyboard.press('Control+k');
  await page.waitForSelector('[data-command-input]');
  await page.keyboard.type('zzzz');
  await page.waitForSelector('text=Nothing matches');
  await page.keyboard.press('Escape');
  await page.waitForSelector('[data-command-input]', { state: 'detached' });

  await open(page, base + '/settings');
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  check('the theme is set on html', (await page.evaluate(() => document.documentElement.dataset.theme)) === 'dark');
  check('dark ground', (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) === 'rgb(19, 20, 22)');
  await page.keyboard.press('Control+=');
  check('text grows by keyboard', (await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)) === '17.6px');
  await page.evaluate(() => localStorage.clear());
}
