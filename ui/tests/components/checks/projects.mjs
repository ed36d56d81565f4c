// Projects: the list, trust, a run that fills and is stopped, its results, and two runs held against each other.
const rag = '01934a10-0000-7000-8000-000000000001';
const triage = '01934a10-0000-7000-8000-000000000002';
const run = (n) => `01934b00-0000-7000-8000-${String(n).padStart(12, '0')}`;
const at = (n) => `/projects/${rag}/runs/${run(n)}`;

export default async function ({ page, base, check, open, audit }) {
  const calls = (command) => page.evaluate((c) => window.fakeBackend.calls.filter((x) => x.command === c).map((x) => x.request), command);
  const fresh = async (path, session = {}) => {
    await page.goto('about:blank');
    await open(page, base + '/settings');
    await page.evaluate((s) => { sessionStorage.clear(); for (const [k, v] of Object.entries(s)) sessionStorage.setItem(k, v); }, session);
    await open(page, base + path);
  };
  const focusedText = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');

  // The list.
  await fresh('/projects');
  const list = page.getByRole('list', { name: 'Projects' });
  check('a project without a measured outcome is an exploration', /Invoice triage\s*exploration/.test(await list.getByRole('listitem').filter({ hasText: 'Invoice triage' }).innerText()));
  check('a rate stands with its interval', /86\s%\s78 to 91/.test(await list.innerText()), await list.innerText());
  await page.evaluate(() => window.fakeBackend.fail('open_project', { code: 'input', message: 'There is no suite file in this folder.', hint: 'Make one from five typed cases.' }));
  await page.getByRole('button', { name: 'Open existing' }).click();
  await page.getByRole('alert').filter({ hasText: 'There is no suite file' }).waitFor();
  check('a folder without a suite leads to making one', await page.getByRole('link', { name: 'Make a suite for this folder' }).isVisible());
  await page.evaluate(() => window.fakeBackend.fail('projects', { code: 'machine', message: 'The database is locked.', hint: 'Close the other window.' }));
  await page.getByRole('link', { name: 'Today' }).click();
  await page.waitForURL(base + '/');
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Projects' }).click();
  await page.getByRole('alert').filter({ hasText: 'The database is locked' }).waitFor();
  await page.evaluate(() => window.fakeBackend.fail('projects', null));
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForSelector('text=RAG support assistant');
  await fresh('/projects', { scenario: 'empty' });
  check('the empty list offers a starter', await page.getByRole('link', { name: 'New from a starter' }).isVisible());
  check('and has one heading', (await page.getByRole('heading', { level: 1 }).innerText()) === 'No project yet');

  // A project: first change, suites with their mistakes, comparing.
  await fresh(`/projects/${rag}`);
  const first = page.getByRole('region', { name: 'The one line worth changing first' });
  check('the line worth changing first is shown', /service\.py line 29/.test(await first.innerText()) && /TOP_K = 2/.test(await first.innerText()));
  check('a suite that cannot be read names file and line', /long-questions\.yaml, line 23/.test(await page.getByRole('region', { name: 'Suite long-questions' }).innerText()));
  check('a small suite is warned of', /below 100/.test(await page.getByRole('region', { name: 'Suite refusals' }).innerText()));
  await page.getByRole('checkbox', { name: 'Choose run 14 to compare' }).check();
  await page.getByRole('checkbox', { name: 'Choose run 11 to compare' }).check();
  await page.getByRole('link', { name: 'Compare run 11 with run 14' }).click();
  await page.waitForURL('**/compare?**');
  check('the earlier run is before', page.url().includes(`before=${run(11)}&after=${run(14)}`));
  await page.waitForSelector('text=not distinguishable');
  await page.getByRole('combobox', { name: 'Before' }).selectOption(run(13));
  await page.waitForSelector('h1:has-text("not distinguishable")');
  check('noise is called noise', /Pass rate \+2\spoints .*not distinguishable/.test(await page.getByRole('heading', { level: 1 }).innerText()));
  await page.getByRole('link', { name: 'returns-005' }).click();
  await page.waitForURL('**/runs/**');
  await page.waitForSelector('[role=row] >> text=returns-005');
  check('a flipped case opens alone', (await page.getByRole('grid').getAttribute('aria-rowcount')) === '2');

  // Trust: asked in words, once, before anything runs.
  await fresh(`/projects/${triage}?start=1`, { 'run-pace': 'manual' });
  await page.getByRole('dialog', { name: 'Run Invoice triage' }).waitFor();
  check('the set-up leaves no trace in the address', !page.url().includes('start='), page.url());
  await audit('run set-up', '[role=dialog]');
  check('a purpose says what it means', /Only candidates make claims/.test(await page.getByRole('dialog').innerText()));
  await page.getByRole('dialog').locator('summary', { hasText: 'More' }).click();
  await page.getByRole('textbox', { name: /Only some cases/ }).or(page.getByRole('combobox', { name: /Only some cases/ })).fill('category=tax');
  check('a filter makes it an experiment', await page.getByRole('radio', { name: /Experiment/ }).isChecked());
  await page.getByRole('textbox', { name: /Only some cases/ }).or(page.getByRole('combobox', { name: /Only some cases/ })).fill('');
  await page.getByRole('spinbutton', { name: /Repeat/ }).fill('0');
  check('a wrong figure keeps it from starting', await page.getByRole('button', { name: 'Start the run' }).isDisabled());
  await page.getByRole('spinbutton', { name: /Repeat/ }).fill('2');
  await page.getByRole('button', { name: 'Start the run' }).click();
  const trust = page.getByRole('dialog', { name: 'Do you trust the files in this folder?' });
  await trust.waitFor();
  await audit('trust', '[role=dialog]');
  check('the command is named', /node server\.js --port \{port\}/.test(await trust.innerText()));
  check('nothing ran before the answer', (await calls('start_run')).length === 0);
  await trust.getByRole('button', { name: 'Do not run it' }).click();
  await trust.waitFor({ state: 'detached' });
  check('no is no', (await calls('trust_project')).length === 0 && (await calls('start_run')).length === 0);
  await page.getByRole('button', { name: 'Run again' }).first().click();
  await page.getByRole('spinbutton', { name: /Repeat/ }).fill('2');
  await page.getByRole('button', { name: 'Start the run' }).click();
  await trust.getByRole('button', { name: 'Trust and start the run' }).click();
  await page.waitForURL('**/runs/**');
  check('trust is recorded before the run', (await calls('trust_project'))[0]?.trusted === true);
  const started = (await calls('start_run'))[0];
  check('the run is asked for as set up', started?.purpose === 'candidate' && started.repeat === 2 && started.filter === null, JSON.stringify(started));

  // A live run: fills, is left, is found again, is stopped.
  await fresh(`/projects/${rag}`, { 'run-pace': 'manual' });
  await page.getByRole('button', { name: 'Run again' }).first().click();
  await page.getByRole('dialog').waitFor();
  await page.getByRole('button', { name: 'Start the run' }).click();
  await page.waitForURL(`**${at(15)}`);
  await page.getByRole('progressbar').first().waitFor();
  await page.evaluate((id) => window.fakeRuns.prepare(id, 'Starting python3 service.py'), run(15));
  await page.waitForSelector('main >> text=Starting python3 service.py');
  await page.evaluate((id) => window.fakeRuns.step(id, 30), run(15));
  const newest = page.getByRole('table', { name: 'Newest results' });
  await newest.waitFor();
  const bar = page.locator('main').getByRole('progressbar');
  check('progress is told', (await bar.getAttribute('aria-valuetext')) === '30 of 100 results', await bar.getAttribute('aria-valuetext'));
  check('time left and cost are told', /left/.test(await page.locator('main').innerText()));
  check('the newest row is on top', /shipping-009/.test(await newest.getByRole('row').nth(1).innerText()), await newest.getByRole('row').nth(1).innerText());
  await newest.getByRole('button', { name: 'shipping-009' }).click();
  await page.getByRole('complementary', { name: 'Selected case' }).getByText('What was checked').or(page.getByRole('complementary', { name: 'Selected case' }).getByText('Why it failed')).waitFor();
  await audit('live run');
  await page.getByRole('link', { name: 'Today' }).click();
  await page.waitForURL(base + '/');
  check('the rail shows the run elsewhere', /30 of 100/.test(await page.getByRole('list', { name: 'Running jobs' }).innerText()));
  await page.evaluate((id) => window.fakeRuns.step(id, 12), run(15));
  await page.getByRole('list', { name: 'Running jobs' }).getByRole('link').click();
  await page.waitForURL(`**${at(15)}`);
  await newest.waitFor();
  check('coming back finds it where it is', (await bar.getAttribute('aria-valuetext')) === '42 of 100 results', await bar.getAttribute('aria-valuetext'));
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForSelector('main >> text=Stopped after 42 of 100 results');
  check('stopping asked once', (await calls('cancel_run')).length === 1);
  await page.getByRole('grid', { name: 'Results of run 15' }).waitFor();
  check('what was finished is kept', (await page.getByRole('tab', { name: /Cases/ }).innerText()).includes('42'));
  check('the rail is quiet again', (await page.getByRole('list', { name: 'Running jobs' }).count()) === 0);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('main').getByRole('progressbar').waitFor();
  await page.evaluate((id) => window.fakeRuns.step(id, 100), run(15));
  await page.getByRole('group', { name: 'Pass rate' }).waitFor();
  check('the end brings the figures', /9\d\s%|8\d\s%/.test(await page.getByRole('group', { name: 'Pass rate' }).innerText()));
  check('the run came to its end', (await page.getByRole('tab', { name: /Cases/ }).innerText()).includes('100'));

  // Results: chips and words drive the pages, cases open, flips.
  await fresh(`${at(13)}?show=failed`);
  const grid = page.getByRole('grid', { name: 'Results of run 13' });
  await grid.getByText('returns-013').waitFor();
  check('?show=failed opens on what failed', (await grid.getAttribute('aria-rowcount')) === '17', await grid.getAttribute('aria-rowcount'));
  const chips = page.getByRole('group', { name: 'Results' });
  await chips.getByRole('button', { name: /^missing fact/ }).click();
  await page.waitForFunction(() => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '6');
  check('a chip asks Rust for its kind', (await calls('results')).some((r) => r.filter.failure === 'missing fact' && r.offset === 0));
  const aside = page.getByRole('complementary', { name: 'Selected case' });
  await aside.getByText('Why it failed').waitFor();
  check('the first of them is open beside it', (await aside.getByRole('heading', { level: 2 }).innerText()) === (await grid.getByRole('row').nth(1).getByRole('gridcell').nth(1).innerText()));
  await chips.getByRole('button', { name: /^Failed/ }).click();
  await grid.getByText('unanswerable-007').click();
  await aside.getByText('answered a question that it should refuse').waitFor();
  check('a citation that was not retrieved is marked', (await aside.locator('mark.fail').count()) > 0);
  await grid.focus();
  const before = await aside.getByRole('heading', { level: 2 }).innerText();
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction((was) => document.querySelector('aside h2')?.textContent?.trim() !== was, before);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.closest('aside'));
  check('Enter goes into the case', (await focusedText()) === (await aside.getByRole('heading', { level: 2 }).innerText()).trim());
  await page.keyboard.press('Escape');
  check('Escape comes back to the table', await page.evaluate(() => document.activeElement?.getAttribute('role') === 'grid'));
  await aside.getByRole('button', { name: 'Make a roadmap item' }).click();
  await aside.getByRole('link', { name: /In the backlog/ }).waitFor();
  const recorded = (await calls('record')).find((r) => r.command.command === 'add_item_from_failure');
  check('the failed case is recorded with its run', recorded?.command.run === run(13) && typeof recorded.command.case_id === 'string', JSON.stringify(recorded));
  await chips.getByRole('button', { name: /newly fail/ }).click();
  await aside.getByText(/newly fails since run 12/).waitFor();
  check('the flip filter names the other run', (await calls('results')).some((r) => r.filter.flipped_since?.run === run(12) && r.filter.flipped_since.flip === 'lost'));
  check('the earlier answer stands beside it', /Run 12 passed with/.test(await aside.innerText()));
  await page.getByRole('searchbox', { name: /Find a case/ }).fill('zzzz');
  await page.waitForSelector('text=No result matches');
  await page.getByRole('button', { name: 'Show all 100 results' }).click();
  await page.waitForFunction(() => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '101');
  await audit('run');
  await page.evaluate(() => window.fakeBackend.fail('results', { code: 'machine', message: 'The page could not be read.', hint: 'Try again.' }));
  await chips.getByRole('button', { name: /^Failed/ }).click();
  await page.waitForSelector('text=The page could not be read.');
  await page.evaluate(() => window.fakeBackend.fail('results', null));
  await page.getByRole('button', { name: 'Try again' }).click();
  await grid.getByText('returns-013').waitFor();

  // The other sides of a run.
  await page.getByRole('tab', { name: 'Figures' }).click();
  await page.getByRole('list', { name: 'Failure categories' }).waitFor();
  await audit('figures');
  check('failure categories stand beside the averages', /missing fact/.test(await page.getByRole('list', { name: 'Failure categories' }).innerText()));
  check('failures have severities', /severe/.test(await page.getByRole('table', { name: 'Failures by grader and severity' }).innerText()));
  check('p99 is refused in words', /p99 latency[\s\S]*no data[\s\S]*Needs 299 cases/.test(await page.getByRole('table', { name: 'Every metric of the run' }).innerText()));
  await page.getByRole('table', { name: 'Pass rate by category' }).getByRole('button', { name: 'shipping' }).click();
  await page.waitForFunction(() => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '11');
  await page.getByRole('tab', { name: 'Against run 12' }).click();
  await page.waitForSelector('text=Since run 12');
  await audit('against');
  await page.getByRole('tab', { name: 'What was measured' }).click();
  await page.waitForSelector('text=Candidates before');
  await audit('identity');

  // Practice, failure, no run.
  await fresh(at(8));
  check('practice is said on the run', /practice model/.test(await page.getByRole('heading', { level: 1 }).innerText()));
  await fresh(at(10));
  check('a failed run says what happened', /exit code 1/.test(await page.getByRole('alert').innerText()));
  await page.evaluate(() => window.fakeBackend.fail('resume_run', { code: 'target', message: 'Port 8000 is taken.', hint: 'Stop the other program.' }));
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.waitForSelector('text=Port 8000 is taken.');
  await fresh(at(99));
  check('a run that is not there says so', /There is no such run/.test(await page.getByRole('alert').innerText()));

  // From anywhere.
  await fresh('/settings');
  await page.keyboard.press('Control+k');
  await page.waitForSelector('[data-command-input]');
  await page.keyboard.type('run the suite of rag');
  await page.waitForSelector('[role=option] >> text=Run the suite of RAG support assistant');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Run RAG support assistant' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForSelector('[role=dialog]', { state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.waitForSelector('[data-command-input]');
  await page.keyboard.type('run 7 of');
  await page.locator('[role=option]', { hasText: 'Run 7 of RAG support assistant' }).click();
  await page.waitForURL(`**${at(7)}`);
  check('the palette reaches any run', (await page.title()).startsWith('Run 7'));
  await page.evaluate(() => sessionStorage.clear());
}
