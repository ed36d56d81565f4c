// The Portfolio room: what may be said, what is refused and where, what an export may replace.
const rag = '/portfolio/01934a10-0000-7000-8000-000000000001';
const triage = '/portfolio/01934a10-0000-7000-8000-000000000002';

export default async function ({ page, base, check, open, audit }) {
  const world = async (route, flags = {}) => {
    await open(page, base + '/gallery');
    await page.evaluate((f) => { sessionStorage.clear(); localStorage.clear(); for (const [k, v] of Object.entries(f)) sessionStorage.setItem(k, v); }, flags);
    await open(page, base + route);
  };
  const calls = (command) => page.evaluate((c) => window.fakeBackend.calls.filter((x) => x.command === c).map((x) => x.request), command);
  const ledger = page.getByRole('list', { name: 'Claims', exact: true });
  const row = (slug) => ledger.locator(`> li[data-claim="${slug}"]`);

  // The list of several projects, none, and one.
  await world('/portfolio');
  const list = page.getByRole('table', { name: 'Portfolios' });
  check('every project is listed with what it has', /2 of 6 hold/.test(await list.innerText()) && /exploration/.test(await list.innerText()), await list.innerText());
  await world('/portfolio', { scenario: 'empty' });
  check('without a project the way leads to Projects', (await page.getByRole('link', { name: 'Open projects' }).getAttribute('href')) === '/projects');
  await world('/gallery');
  await open(page, base + '/gallery');
  await page.evaluate(() => {
    const call = window.fakeBackend.call;
    window.fakeBackend.call = async (command, request) => {
      const answer = await call(command, request);
      return command === 'projects' ? { projects: answer.projects.filter((p) => p.name === 'RAG support assistant') } : answer;
    };
  });
  await page.getByRole('link', { name: 'Portfolio', exact: true }).first().click();
  await page.waitForFunction((path) => location.pathname === path, rag);
  check('one project is opened at once', true);

  // States of claims.
  await world(rag);
  const expected = { 'citations-change': ['holds', /paired \+13 points, 6 to 20/], 'latency-p95': ['stale', /Run 13 is newer and measures 2\.31 s/], 'pass-rate-change': ['not distinguishable', /cannot tell the runs apart/], refusals: ['weak', /34 points wide/], cost: ['refused', /without a known price/] };
  for (const [slug, [state, words]] of Object.entries(expected)) {
    const text = (await row(slug).innerText()).replaceAll('\u00a0', ' ');
    check(`claim ${slug} is ${state}, with what stands behind it or why not`, text.includes(state) && words.test(text), text);
  }
  check('a practice claim says so', (await row('refusals').innerText()).includes('practice'));
  check('the runs of a claim are links', /\/projects\/.+\/runs\/.+000009$/.test(await row('citations-change').getByRole('link', { name: 'run 9' }).getAttribute('href')));

  // The preview is a frame that can run nothing, with the figures of claims marked.
  const frame = page.frameLocator('iframe');
  check('the preview can run nothing', (await page.locator('iframe').getAttribute('sandbox')) === '');
  const marked = await frame.locator('mark.claim').allInnerTexts();
  check('figures of claims are marked, in order', marked.join() === '78 %,91 %,100,+13 points,6 to 20,84 %,76 to 90', marked.join());
  check('stated facts are marked differently', (await frame.locator('mark.stated').allInnerTexts()).join() === '64 pages');

  // A claim opens to its tokens; one is put into the text.
  await row('pass-rate').getByRole('button', { name: /Pass rate 84/ }).click();
  await audit('claim opened');
  await row('pass-rate').getByRole('button', { name: /^Insert pass-rate\.interval/ }).click();
  await page.waitForSelector('.cm-content');
  check('a token is put into the text', (await page.locator('.cm-content').innerText()).includes('[[pass-rate.interval]]'));
  check('the preview says that it shows what was saved', await (async () => { await page.getByRole('tab', { name: 'Preview' }).click(); return page.getByText('The preview shows the file as it was saved.').isVisible(); })());

  // New claims: proposals with one click; then one's own choice.
  await page.getByRole('button', { name: 'New claim from a run' }).click();
  await audit('new claim', '[role=dialog]');
  await page.getByRole('button', { name: 'Add recall-change' }).click();
  await row('recall-change').waitFor();
  check('a proposal becomes a claim with one click', (await calls('create_claim'))[0]?.slug === 'recall-change');
  await page.getByRole('button', { name: 'Choose metric and runs yourself' }).click();
  await page.getByLabel('Name in the text').fill('Not a slug');
  await page.getByRole('button', { name: 'Make the claim' }).click();
  check('a bad name is refused before it is sent', (await calls('create_claim')).length === 1 && await page.getByText('Small letters, digits and hyphens').isVisible());
  const disabled = await page.getByLabel('Run', { exact: true }).locator('option:disabled').allInnerTexts();
  check('only finished candidates can be chosen', disabled.some((t) => t.includes('experiment')), disabled.join(' | '));
  await page.getByLabel('Name in the text').fill('grounded');
  await page.getByLabel('Compared with').selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Make the claim' }).click();
  await row('grounded').waitFor();
  check('run, metric and baseline are sent', Boolean((await calls('create_claim'))[1]?.baseline));

  // Taking one off asks first.
  const head = row('grounded').getByRole('button').first();
  if ((await head.getAttribute('aria-expanded')) !== 'true') await head.click();
  await row('grounded').getByRole('button', { name: 'Remove the claim' }).click();
  await page.waitForSelector('[role=alertdialog]');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove the claim' }).click();
  await row('grounded').waitFor({ state: 'detached' });
  check('a claim is removed after asking', (await calls('remove_claim')).length === 1);

  // A draft: refusals at their lines, in the list and in the editor.
  await world(rag, { 'case-study': 'draft' });
  check('the finding counts what is missing', (await page.locator('h1').innerText()).includes('4 things are missing'));
  check('no preview while something is refused', await page.getByText('The preview waits for 4 things').isVisible());
  await audit('draft');
  await page.getByRole('button', { name: /line 23.*40 %/ }).click();
  await page.waitForSelector('.cm-focused');
  check('a refusal leads to its line', (await page.evaluate(() => { const s = getSelection(); return s.anchorNode?.textContent?.slice(s.anchorOffset); }))?.startsWith('40 %') || (await page.locator('.cm-line:has(.cm-lintRange-error)').allInnerTexts()).some((t) => t.includes('40 %')));
  check('what is refused is marked at its words', (await page.locator('.cm-lintRange-error').allInnerTexts()).some((t) => t.includes('40 %')));
  check('the gutter marks the line', (await page.locator('.cm-gutter-lint .cm-lint-marker-error').count()) >= 2);
  await page.locator('.cm-lintRange-error', { hasText: '40 %' }).hover();
  await page.waitForSelector('.cm-tooltip-lint');
  const tip = await page.locator('.cm-tooltip-lint').innerText();
  check('the mark says why and what to do', tip.includes('A number that is not a claim.') && tip.includes('Numbers enter as tokens'), tip);
  await audit('source with refusals');

  // Writing it right: the list empties as one types, after a moment, without saving.
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /line 23.*40 %/ }).click();
  for (let i = 0; i < 4; i++) await page.keyboard.press('Delete');
  await page.keyboard.type('[[pass', { delay: 30 });
  await page.waitForSelector('.cm-tooltip-autocomplete');
  const offered = await page.locator('.cm-tooltip-autocomplete li').allInnerTexts();
  check('`[[` offers the claims with what they read as', offered.some((t) => t.includes('pass-rate') && t.includes('84 %')) && offered.some((t) => t.includes('pass-rate.interval')), offered.join(' | '));
  await page.waitForTimeout(100);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /line 23.*40 %/ }).waitFor({ state: 'detached' });
  check('the token is closed', (await page.locator('.cm-content').innerText()).includes('[[pass-rate]] of their time'));
  await page.getByRole('button', { name: /Deployment notes.*Write/s }).click();
  await page.keyboard.type('One command.');
  await page.waitForTimeout(500);
  check('a missing section is added where the cursor is', (await page.locator('h1').innerText()).includes('2 things are missing'), await page.locator('h1').innerText());

  // Saved with the hash; a file that changed meanwhile is not overwritten.
  check('nothing was saved by itself', (await calls('save_case_study')).length === 0);
  await page.keyboard.press('Control+s');
  await page.waitForFunction(() => window.fakeBackend.calls.some((c) => c.command === 'save_case_study'));
  check('the hash goes along', Boolean((await calls('save_case_study'))[0]?.hash));
  await page.getByRole('status').filter({ hasText: 'saved' }).waitFor();
  await page.evaluate(() => window.fakePortfolio.changeOnDisk('# Theirs\n\n## Problem\n\nFrom another editor.\n'));
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' Mine.');
  await page.keyboard.press('Control+s');
  await page.getByText('changed on disk.').waitFor();
  check('a changed file: nothing was overwritten, and it is said', await page.getByText('Nothing was overwritten').isVisible() && (await page.locator('.cm-content').innerText()).includes('Mine.'));
  await audit('changed on disk');
  await page.getByRole('button', { name: 'See what it says now' }).click();
  check('the file’s words can be seen', await page.getByText('From another editor.').isVisible());
  await open(page, base + '/gallery');
  await page.evaluate(() => sessionStorage.setItem('case-study', 'draft'));
  await open(page, base + rag);
  await page.getByRole('tab', { name: 'Source' }).click();
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.waitForTimeout(100);
  check('unsaved words outlive the screen', (await page.locator('.cm-content').innerText()).includes('One command. Mine.'));
  await page.getByRole('button', { name: 'Reload the file' }).click();
  await page.waitForTimeout(100);
  check('reloading takes the file’s words', !(await page.locator('.cm-content').innerText()).includes('Mine.') && !(await page.getByText('changed on disk.').isVisible()));

  // Nothing leaves while something is refused.
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('dialog').getByText('Not ready to be exported').waitFor();
  check('nothing was exported', (await calls('export_case_study')).length === 0);
  await audit('not ready', '[role=dialog]');
  await page.keyboard.press('Escape');

  // An export that meets a changed file shows it and asks.
  await world(rag, { export: 'conflict' });
  await page.getByRole('button', { name: 'Export' }).click();
  check('a folder is proposed', (await page.getByLabel('Folder').inputValue()).endsWith('/portfolio/export'));
  await audit('where to export', '[role=dialog]');
  await page.getByRole('button', { name: 'Export here' }).click();
  await page.getByRole('dialog').getByText('Nothing has been written yet').waitFor();
  check('the difference is shown', await page.getByRole('region', { name: 'Difference in case-study.md' }).isVisible());
  check('keeping it is the answer that is set', (await page.getByRole('radio', { name: 'Keep this file' }).isChecked()) && !(await page.getByRole('button', { name: 'Replace and export' }).isVisible()));
  await audit('export conflict', '[role=dialog]');
  await page.getByRole('radio', { name: 'Replace it' }).check({ force: true });
  await page.getByRole('button', { name: 'Replace and export' }).click();
  await page.getByRole('dialog').getByText('case-study.html').waitFor();
  const sent = await calls('export_case_study');
  check('only what was said is replaced', sent.length === 2 && sent[0].replace.length === 0 && sent[1].replace.join() === 'case-study.md');
  await page.evaluate(() => { window.opened = []; window.fakeBackend.openPath = async (p) => void window.opened.push(p); });
  await page.getByRole('button', { name: 'Open case-study.html' }).click();
  check('a written file is opened', (await page.evaluate(() => window.opened[0])).endsWith('/case-study.html'));
  await page.getByRole('button', { name: 'Done' }).click();

  // Bullets.
  await page.getByRole('tab', { name: /Résumé bullets/ }).click();
  check('bullets say where their proof is', await page.getByText('case-study.html#claim-citations-change').isVisible());
  check('a refused bullet says why', await page.getByText(/cannot be used: Run 13 is newer/).first().isVisible());
  await page.getByLabel('A line of your own').fill('Cut latency by 40 %');
  await page.getByRole('list', { name: 'Your line as it reads' }).getByText('A number that is not a claim.').waitFor();
  check('a line without proof is refused', await page.getByText(/has no proof/).last().isVisible());
  await audit('bullets');
  await page.getByLabel('A line of your own').fill('Reached a pass rate of [[pass-rate]]');
  await page.getByText('Reached a pass rate of 84 %').waitFor();
  check('a good line can be copied', await page.getByRole('button', { name: 'Copy your line' }).isVisible());

  // No candidate yet; no case study yet.
  await world(triage);
  check('exploration says what is missing', await page.getByText('No candidate run has finished yet.').first().isVisible());
  check('the way to a candidate is offered', (await page.getByRole('link', { name: 'Set up a candidate run' }).getAttribute('href')).endsWith('?start=1'));
  await page.getByRole('button', { name: 'Write the case study' }).click();
  await page.waitForSelector('.cm-content');
  check('the template is written and opened', (await page.locator('.cm-content').innerText()).includes('## Non-goals'));
  await page.evaluate(() => { sessionStorage.clear(); localStorage.clear(); });
}
