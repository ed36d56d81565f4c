// Review: the queue by key and by button, a name first, the blind second pass, what it comes to; causes and new cases.
const rag = '01934a10-0000-7000-8000-000000000001';
const run = (n) => `01934b00-0000-7000-8000-${String(n).padStart(12, '0')}`;
const at = (n) => `/projects/${rag}/runs/${run(n)}`;

export default async function ({ page, base, check, open, audit }) {
  const calls = (command) => page.evaluate((c) => window.fakeBackend.calls.filter((x) => x.command === c).map((x) => x.request), command);
  const last = async (command) => (await calls(command)).at(-1);
  const heading = () => page.getByRole('heading', { level: 1 }).innerText();

  // R76: one entry on the run's page, with the count; the queue in order, each with its reason.
  await open(page, base + at(13));
  await page.getByRole('link', { name: /Review 20 riskiest/ }).click();
  await page.waitForURL('**/review');
  const list = page.getByRole('list', { name: 'Results to review' });
  await list.waitFor();
  check('R76: the count stands on top', (await heading()) === '12 of 20 riskiest results reviewed', await heading());
  const rows = await list.getByRole('listitem').allInnerTexts();
  const risks = rows.map((r) => Number(r.match(/(\d+)\s*$/)?.[1]));
  check('R76: riskiest first', rows.length === 20 && risks.every((r, i) => i === 0 || risks[i - 1] >= r), risks.join(' '));
  check('R76: each says why', rows.every((r) => /high risk|grounding|newly|failed|awaits|flaky|no sign/.test(r)));

  // Keyboard first: points, marks, verdict; the next open result follows.
  const current = () => list.locator('[aria-current] .mono').innerText();
  const before = await current();
  await page.keyboard.press('5');
  await page.keyboard.press('2');
  await page.keyboard.press('c');
  await page.keyboard.press('v');
  await page.keyboard.press('v');
  await page.keyboard.press('n');
  await page.keyboard.type('fine, jkpf');
  check('letters in the note are letters', (await calls('save_review')).length === 0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('p');
  await page.waitForFunction(() => window.fakeBackend.calls.some((c) => c.command === 'save_review'));
  const saved = await last('save_review');
  check('R216: correct, valuable and aligned are logged with the verdict', saved.passed === true && saved.marks.correct === true && saved.marks.valuable === false && saved.marks.aligned === null && saved.reviewer === 'Mira', JSON.stringify(saved));
  check('R69: points on the anchored criteria', saved.points.map((p) => `${p.criterion} ${p.points}`).join() === 'completeness 5,tone 2' && saved.note === 'fine, jkpf', JSON.stringify(saved.points));
  await page.waitForFunction(() => document.querySelector('h1')?.textContent?.startsWith('13 of 20'));
  check('the next open result follows', (await current()) !== before);
  await page.keyboard.press('k');
  check('k goes back', (await current()) === before, await current());
  await page.keyboard.press('j');
  await page.keyboard.press('s');
  check('s skips', (await calls('save_review')).length === 1 && (await current()) !== before);
  await page.getByRole('button', { name: 'Turn keys off' }).click();
  await page.getByRole('heading', { level: 2 }).first().focus();
  await page.keyboard.press('f');
  check('keys that are off do nothing', (await calls('save_review')).length === 1);
  await page.getByRole('textbox', { name: 'Reviewer' }).fill('');
  await page.getByRole('button', { name: /^Fail/ }).click();
  await page.getByRole('alert').filter({ hasText: 'Type your name first' }).waitFor();
  check('nobody is no reviewer', (await calls('save_review')).length === 1);
  await audit('review queue');

  // R69: the second pass is blind.
  await page.getByRole('radio', { name: 'Second, blind' }).check();
  await page.waitForFunction(() => /second time/.test(document.querySelector('h1')?.textContent ?? ''));
  check('R69: the second pass asks for itself', (await last('review_queue')).pass === 'second' && /^8 of 13\sresults looked at a second time$/.test(await heading()), await heading());

  // R84: the list of disagreements opens each case.
  await page.getByRole('tab', { name: 'Agreement and causes' }).click();
  const differ = page.getByRole('table', { name: /Disagreements/ });
  await differ.waitFor();
  await audit('review report');
  check('raw agreement stands beside kappa and AC1', /Raw agreement[\s\S]*kappa[\s\S]*AC1/.test(await page.getByRole('table', { name: 'Agreement: Verdict' }).innerText()));
  check('R190: unlabelled failures are in no share', /without a label, in none of these shares/.test(await page.locator('.report').innerText()));
  const id = (await differ.getByRole('button').first().innerText()).trim();
  await differ.getByRole('button').first().click();
  await page.waitForURL('**/runs/**?case=**');
  await page.getByRole('heading', { level: 2, name: new RegExp(id) }).waitFor();
  check('R84: a disagreement opens its case', new URL(page.url()).searchParams.get('case') === id && (await page.getByRole('heading', { level: 2, name: new RegExp(id) }).innerText()).trim() === id, page.url());

  // A pass rate that people have corrected says how far it reaches and how many stand behind it.
  await open(page, base + at(12) + '/review');
  await page.getByRole('tab', { name: 'Agreement and causes' }).click();
  await page.getByText('a random sample of 40').waitFor();
  const rates = await page.locator('.report dl').innerText();
  check('a corrected rate has its interval and both counts', /Corrected\s+\d+\s%\s+\d+ to \d+\s+n 99, of which people saw 40/.test(rates), rates);
  await audit('a corrected rate');

  // R190, H15: beside a failed case.
  await open(page, base + at(13) + '?show=failed');
  const cause = page.getByRole('combobox', { name: 'Root cause' });
  await cause.selectOption('state');
  check('R190: a cause is kept', (await last('label_root_cause')).cause === 'state');
  await page.getByRole('button', { name: 'Add to the dataset' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'question' }).fill('And after an exchange?');
  await audit('new case', '[role=dialog]');
  await dialog.getByRole('button', { name: 'Show the difference' }).click();
  await dialog.getByRole('region', { name: /Difference in/ }).waitFor();
  check('H15: nothing is written before it was seen', (await last('add_case')).hash === null && /another content hash/.test(await dialog.innerText()));
  await audit('difference', '[role=dialog]');
  await dialog.getByRole('button', { name: 'Write the file' }).click();
  await dialog.waitFor({ state: 'detached' });
  check('H15: what was seen is written', (await last('add_case')).hash === 'hash-0' && (await last('add_case')).case.fields.question === 'And after an exchange?');
  await page.getByRole('button', { name: 'Make a roadmap item' }).click();
  await page.getByRole('link', { name: 'In the backlog, open it' }).waitFor();
  check('H15: the roadmap item is recorded', (await last('record')).command.command === 'add_item_from_failure', JSON.stringify(await last('record')));

  // R204: somebody reported a wrong answer.
  await open(page, base + `/projects/${rag}`);
  await page.getByRole('button', { name: 'Report a wrong answer' }).first().click();
  await dialog.getByRole('button', { name: 'Show the difference' }).click();
  await dialog.getByRole('alert').filter({ hasText: 'the question is missing' }).waitFor();
  await dialog.getByRole('textbox', { name: 'What was asked' }).fill('Can I return a gift?');
  await dialog.getByRole('textbox', { name: 'What is right' }).fill('shop credit only');
  await dialog.getByRole('button', { name: 'Show the difference' }).click();
  await dialog.getByRole('region', { name: /Difference in/ }).waitFor();
  check('R204: feedback is marked with its source', /"source":"feedback"/.test(await dialog.innerText()));
  await dialog.getByRole('button', { name: 'Write the file' }).click();
  await dialog.waitFor({ state: 'detached' });
}
