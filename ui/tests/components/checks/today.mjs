// Today: the next action and the others, the week's output, the run to resume, running jobs, and trouble.
export default async function ({ page, base, check, open, audit }) {
  const h1 = () => page.getByRole('heading', { level: 1 }).innerText();
  await open(page, base + '/');
  check('the next action is the heading', (await h1()) === 'Open the 16 failures of run 13');
  check('its button leads to the failures', (await page.getByRole('link', { name: 'Open failures' }).getAttribute('href'))?.endsWith('?show=failed'));
  await page.getByRole('button', { name: 'Show me something else' }).click();
  const second = await h1();
  check('something else is something else', second !== 'Open the 16 failures of run 13');
  const seen = new Set([second]);
  for (let i = 0; i < 8 && (await h1()) !== 'Open the 16 failures of run 13'; i++) {
    seen.add(await h1());
    await page.getByRole('button', { name: 'Show me something else' }).click();
  }
  check('the others go round and come back', (await h1()) === 'Open the 16 failures of run 13' && seen.size >= 2, [...seen].join(' | '));
  check('the run is marked as practice', (await page.getByRole('complementary').innerText()).includes('practice'));
  check('a figure has its interval in words', (await page.getByRole('img', { name: /Pass rate 84 %, 95 % interval 76 to 90/ }).count()) === 1);
  check('the rail counts closed weeks', (await page.getByRole('navigation', { name: 'Rooms' }).innerText()).includes('4/12'));
  check('an unmet need says when it is due', (await page.getByRole('list', { name: 'What closes week 6' }).innerText()).includes('due Sun'));

  await page.keyboard.press('Control+k');
  await page.waitForSelector('[data-command-input]');
  await page.keyboard.type('define this week');
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/roadmap?week=6');
  check('the palette goes straight to defining the output', await page.getByRole('textbox', { name: 'Output of week 6' }).isVisible());

  await open(page, base + '/');
  await page.evaluate(() => window.fakeBackend.fail('today', { code: 'store.locked', message: 'The database is in use by another program.', hint: 'Close it and try again.' }));
  await page.getByRole('link', { name: 'Skills' }).click();
  await page.waitForURL('**/skills');
  await page.getByRole('link', { name: 'Today' }).click();
  await page.waitForSelector('text=The database is in use');
  check('trouble keeps one heading', (await page.getByRole('heading', { level: 1 }).count()) === 1);
  await audit('today, with a problem');
  await page.evaluate(() => window.fakeBackend.fail('today', null));
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForSelector('text=Open the 16 failures of run 13');

  await page.evaluate(() => sessionStorage.setItem('scenario', 'empty'));
  await open(page, base + '/');
  check('without a project it says how to begin', (await h1()) === 'Start a project, or bring your own');
  check('no figure is made up', (await page.getByRole('complementary').innerText()).includes('No run yet'));
  await audit('today, empty');

  await page.evaluate(() => sessionStorage.setItem('scenario', 'interrupted'));
  await open(page, base + '/');
  const banner = page.getByRole('region', { name: 'Runs to resume' });
  check('a run that stopped is offered', (await banner.innerText()).includes('Run 14 of RAG support assistant stopped at 412 of 1,000.'), await banner.innerText());
  await audit('today, with a run to resume');
  const rail = page.getByRole('list', { name: 'Running jobs' });
  check('a running run is in the rail', (await rail.innerText()).includes('18 of 60'), await rail.innerText());
  const run = await page.evaluate(async () => (await window.fakeBackend.call('app_state', {})).running[0].run);
  await page.evaluate((id) => window.fakeBackend.emit({ kind: 'progress', run: id, done: 40, planned: 60, passed: 38, failed: 2, errored: 0, cost_usd: null, seconds_left: 4, newest: [] }), run);
  await page.waitForSelector('nav >> text=40 of 60');
  await page.evaluate((id) => window.fakeBackend.emit({ kind: 'ended', run: id, status: 'finished', failure: null }), run);
  await page.waitForSelector('text=Run 2 of Invoice triage has finished.');
  await page.evaluate(() => window.fakeBackend.fail('resume_run', { code: 'run.changed', message: 'The suite has changed since this run began.', hint: 'Start a new run.' }));
  await banner.getByRole('button', { name: 'Resume' }).click();
  await page.waitForSelector('text=The suite has changed');
  await banner.getByRole('button', { name: 'Dismiss' }).click();
  await banner.waitFor({ state: 'detached' });
  await page.getByRole('navigation').getByRole('link', { name: /Roadmap/ }).click();
  await page.waitForURL('**/roadmap');
  await page.getByRole('navigation').getByRole('link', { name: /Today/ }).click();
  await page.waitForURL((url) => url.pathname === '/');
  check('dismissed stays dismissed', (await banner.count()) === 0);
  await page.evaluate(() => { localStorage.clear(); });
  await open(page, base + '/');
  await banner.getByRole('button', { name: 'Resume' }).click();
  await page.waitForURL('**/projects/*/runs/*');
  await page.evaluate(() => { localStorage.clear(); sessionStorage.clear(); });
}
