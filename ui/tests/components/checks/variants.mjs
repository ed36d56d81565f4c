// Variants, history, the difference between versions, the estimate, and the editors of suite and dataset.
const rag = '01934a10-0000-7000-8000-000000000001';
const run = (n) => `01934b00-0000-7000-8000-${String(n).padStart(12, '0')}`;

export default async function ({ page, base, check, open, audit }) {
  const calls = (command) => page.evaluate((c) => window.fakeBackend.calls.filter((x) => x.command === c).map((x) => x.request), command);
  const to = async (path) => { await page.goto('about:blank'); await open(page, base + path); };

  // H12, R65, R189: the sentence first, the picture, the table behind it.
  await to(`/projects/${rag}/variants`);
  await page.waitForSelector('h1:has-text("cheapest passing variant")');
  const table = page.getByRole('table', { name: 'Variants side by side' });
  check('a dominated variant says by whom', /dominated by run 11/.test(await table.innerText()), await table.innerText());
  check('R15: passes per dollar are refused with a reason', /refused\s*100 calls went to a model without a known price/.test(await table.innerText()));
  check('what a name does not say is not known', /not known/.test(await table.getByRole('row').filter({ hasText: 'top-5 large' }).innerText()));
  check('the picture is told in words', /Pass rate against cost/.test((await page.getByRole('img').first().getAttribute('aria-label')) ?? ''));
  check('R189: both orders stand side by side', (await page.getByRole('heading', { name: 'By predictability' }).count()) === 1 && (await page.getByRole('heading', { name: 'By best score' }).count()) === 1);
  await page.getByRole('checkbox', { name: /Run 11, top-5 small/ }).uncheck();
  await page.waitForSelector('h1:has-text("No cheapest passing variant")');
  check('the choice stays in the address', page.url().includes('runs=') && !page.url().includes(run(11)));
  await to(`/projects/${rag}/variants?beside=${run(11)}`);
  await table.waitFor();
  const beside = (await calls('variants')).at(-1);
  check('a run opens the targets that were measured beside it', beside.group_of === run(11) && beside.project === null && beside.runs.length === 0, JSON.stringify(beside));

  // R82, R46: any metric, any category; breaks are said.
  await to(`/projects/${rag}/history`);
  await page.getByRole('combobox', { name: 'Metric' }).selectOption('category:returns');
  await page.waitForSelector('th:has-text("Pass rate of returns")');
  check('a break is said in the table', /no: the graders changed/.test(await page.getByRole('table', { name: /by run/ }).innerText()));
  check('the corpus has an age', /First seen .* ago/.test(await page.locator('.snapshot').innerText()));

  // R79: what differs opens from the comparison.
  await to(`/projects/${rag}/compare?before=${run(6)}&after=${run(13)}`);
  await page.getByRole('button', { name: 'Show the difference' }).click();
  await page.waitForSelector('ins');
  check('R79: a changed field shows its words', (await page.locator('del').first().innerText()) === '45' && (await page.locator('ins').first().innerText()) === '60');
  await audit('the difference between versions');

  // H9: the estimate stands before the start; targets are chosen.
  await to(`/projects/${rag}?start=1`);
  const dialog = page.getByRole('dialog', { name: 'Run RAG support assistant' });
  const estimate = dialog.getByRole('region', { name: 'What this run would take' });
  await estimate.getByText('as in run 13, by call').first().waitFor();
  check('an unknown cost is said and is not 0', /not known/.test(await estimate.innerText()) && !/\$0\.00/.test(await estimate.innerText()));
  await dialog.getByRole('checkbox', { name: 'top-5 large' }).uncheck();
  await estimate.getByText('the targets together').waitFor();
  check('the footer counts what the estimate counts', /\d+\scalls to 2 targets/.test(await dialog.innerText()));
  await dialog.getByRole('textbox', { name: /Budget/ }).fill('0.50');
  await estimate.getByText('$0.50 is enough').waitFor();
  await audit('the set-up of a run with its estimate', '[role=dialog]');
  check('nothing was started by it', (await calls('start_run')).length === 0);
  await dialog.getByRole('button', { name: 'Start the run' }).click();
  await page.waitForURL('**/runs/**');
  const asked = (await calls('start_run'))[0];
  check('the chosen targets and the budget are asked for', asked.budget_usd === '0.50' && asked.targets.join() === 'top-2 small,top-5 small', JSON.stringify(asked));

  // The suite's text: problems at their line, and nothing overwritten unseen.
  await to(`/projects/${rag}/suite?file=suite.yaml`);
  const paper = page.getByRole('textbox', { name: /suite\.yaml/ });
  await paper.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('# atleast');
  await page.getByRole('button', { name: 'Line 22' }).waitFor();
  check('a problem stands at its line', (await page.locator('.cm-lint-marker-error').count()) === 1);
  await audit('the editor of a suite with a problem');
  await page.evaluate(() => window.fakeFiles.touch());
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const changed = page.getByRole('dialog', { name: /has changed on the disk/ });
  await changed.waitFor();
  check('the difference is shown before anything is overwritten', /concurrency: 4/.test(await changed.innerText()));
  await changed.getByRole('button', { name: 'Go on editing' }).click();
  await changed.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await changed.waitFor();
  check('who goes on editing is asked again', (await calls('save_suite_text')).every((c, _, all) => c.hash === all[0].hash));
  await changed.getByRole('button', { name: 'Write mine over it' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();

  // R67: the dataset as a table over its file.
  await page.getByRole('tab', { name: 'Dataset' }).click();
  await page.getByRole('tab', { name: 'Suite' }).click();
  check('what was saved is there when the editor comes back', /# atleast/.test(await paper.innerText()));
  await page.getByRole('tab', { name: 'Dataset' }).click();
  const grid = page.getByRole('grid', { name: /golden\.jsonl/ });
  await grid.getByText('returns-001').waitFor();
  await grid.focus();
  await page.keyboard.press('Enter');
  const row = page.getByRole('dialog', { name: 'Case returns-001' });
  await row.getByRole('textbox', { name: 'fact' }).fill('46 days');
  await audit('a case being edited', '[role=dialog]');
  await page.evaluate(() => window.fakeFiles.touch());
  await row.getByRole('button', { name: 'Save' }).click();
  await changed.waitFor();
  await changed.getByRole('button', { name: 'Go on editing' }).click();
  await changed.waitFor({ state: 'detached' });
  check('what was typed is still there', (await row.getByRole('textbox', { name: 'fact' }).inputValue()) === '46 days');
  await row.getByRole('button', { name: 'Save' }).click();
  await changed.getByRole('button', { name: 'Write mine over it' }).click();
  await grid.getByText('46 days').waitFor();
  const sent = (await calls('save_dataset'))[0].changes[0];
  check('only the row is sent, with what it was', sent.row === 0 && sent.before.fact === '45 days' && sent.fields.fact === '46 days' && Array.isArray(sent.fields.relevant));
  await grid.focus();
  await page.keyboard.press('Enter');
  await row.getByRole('button', { name: 'Remove the case' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove the case' }).click();
  await page.getByText('99 cases: below 100').waitFor();
  check('R67: fewer than a hundred cases are warned of', (await page.getByRole('complementary', { name: 'What the app says of the dataset' }).innerText()).includes('99 cases: below 100'));
  await page.getByRole('button', { name: 'Add a case' }).click();
  const made = page.getByRole('dialog', { name: 'New case' });
  await made.getByRole('textbox', { name: 'id' }).fill('returns-900');
  await made.getByRole('textbox', { name: 'relevant' }).fill('returns-window');
  await made.getByRole('button', { name: 'Save' }).click();
  await made.getByText('Write a list').waitFor();
  await made.getByRole('textbox', { name: 'relevant' }).fill('["returns-window"]');
  await made.getByRole('button', { name: 'Save' }).click();
  await made.waitFor({ state: 'detached' });
  check('a new case has lists where the others have lists', Array.isArray((await calls('save_dataset')).at(-1).changes[0].fields.relevant));
}
