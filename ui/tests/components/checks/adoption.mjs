// New projects: a starter, and a folder of one's own adopted by keyboard alone.
export default async function ({ page, base, check, open, audit }) {
  const calls = (command) => page.evaluate((c) => window.fakeBackend.calls.filter((x) => x.command === c).map((x) => x.request), command);
  const focused = () => page.evaluate(() => { const e = document.activeElement; return e?.getAttribute('aria-label') || (e?.id && document.querySelector(`label[for="${CSS.escape(e.id)}"]`)?.textContent?.trim()) || e?.textContent?.trim() || ''; });
  const tabTo = async (wanted, most = 60) => {
    for (let i = 0; i < most; i++) {
      await page.keyboard.press('Tab');
      if (wanted.test(await focused())) return true;
    }
    check(`the keyboard reaches ${wanted}`, false, await focused());
    return false;
  };

  // A starter.
  await open(page, base + '/projects/new');
  check('the folder is proposed', (await page.getByLabel('New folder').inputValue()) === '/home/learner/Playbook/rag-support-assistant');
  await page.getByRole('button', { name: 'Create the project' }).click();
  await page.waitForURL('**/projects/*?start=1');
  check('a starter leads to its first run', true);

  // The palette.
  await page.keyboard.press('Escape');
  await open(page, base + '/');
  await page.keyboard.press('Control+k');
  await page.waitForSelector('[data-command-input]');
  await page.keyboard.type('adopt a folder');
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/projects/new?own=1');

  // A folder that is a project already.
  await page.getByLabel('Folder of the project').fill('/home/learner/has-suite');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByRole('heading', { name: 'This folder has a suite already' }).waitFor();
  check('an existing suite is opened, not adopted', await page.getByRole('button', { name: 'Open it as a project' }).isVisible());

  // A folder that says nothing: everything can be typed, and what is missing is said.
  await page.getByLabel('Folder of the project').fill('/home/learner/plain');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByText('Nothing in the folder says how it starts').waitFor();
  await page.getByRole('button', { name: /^Next/ }).click();
  check('what is missing is said at its field', await page.getByText('The command that starts it is needed.').isVisible());
  check('the first wrong field has the focus', (await focused()) === 'Command', await focused());
  check('the next steps cannot be reached yet', await page.getByRole('button', { name: /First answer$/ }).isDisabled());

  // By keyboard from here to the end.
  await page.getByLabel('Folder of the project').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('/home/learner/code/helpdesk');
  await page.keyboard.press('Enter');
  await page.getByText('app/main.py line 14 creates a FastAPI app').waitFor();
  check('what was found is filled in', (await page.getByLabel('Command', { exact: true }).inputValue()) === 'uvicorn app.main:app --port {port}');
  await audit('adoption, folder');
  await page.getByRole('radio', { name: /uvicorn/ }).focus();
  await page.keyboard.press('ArrowDown');
  check('another proposal fills in its own port', (await page.getByLabel('Command', { exact: true }).inputValue()) === 'python -m app' && (await page.getByLabel('Name of the variable').inputValue()) === 'PORT');
  await page.keyboard.press('ArrowUp');
  await tabTo(/^Next: ask/);
  await page.keyboard.press('Enter');

  await page.getByText('Do you trust this folder?').waitFor();
  check('folder and command are named', (await page.locator('main').innerText()).includes('/home/learner/code/helpdesk') && await page.getByText('uvicorn app.main:app --port {port}').isVisible());
  check('nothing runs without trust', await page.getByRole('button', { name: /^Start it/ }).isDisabled());
  await audit('adoption, trust');
  await page.getByLabel(/I trust this folder/).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Can I return a gift without the receipt?');

  // A program that does not start: what it printed is shown; going back keeps everything.
  await page.getByRole('button', { name: /Folder$/ }).click();
  await page.getByLabel('Command', { exact: true }).fill('uvicorn broken:app --port {port}');
  await page.getByRole('button', { name: /^Next: ask/ }).click();
  check('going back keeps trust and question', (await page.getByLabel(/I trust this folder/).isChecked()) && (await page.getByLabel('One question to ask it').inputValue()).startsWith('Can I return'));
  await page.getByLabel('One question to ask it').press('Enter');
  await page.getByText('Starting the program and asking it.').waitFor();
  check('what is going on is said', await page.getByText('stops the program and all that it started').isVisible());
  await page.getByText('ended with exit code 1').waitFor();
  check('what the program printed is shown', await page.getByText("No module named 'fastapi'").isVisible());
  await audit('adoption, failed');
  await page.getByRole('button', { name: /Folder$/ }).click();
  await page.getByLabel('Command', { exact: true }).fill('uvicorn app.main:app --port {port}');
  await page.getByRole('button', { name: /^Next: ask/ }).click();
  await page.getByLabel('One question to ask it').press('Enter');

  // Mapping by pointing.
  await page.getByText('What is where in the answer').waitFor();
  const tree = page.getByRole('tree');
  check('the proposed mapping is filled in', (await tree.locator('[data-pointer="/reply/text"]').innerText()).includes('Answer') && (await tree.locator('[data-pointer="/retrieved/0/doc"]').innerText()).includes('Passage id'));
  await audit('adoption, mapping');
  await page.getByRole('radio', { name: /^Answer/ }).focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
  check('arrows choose the part', await page.getByRole('radio', { name: /^Passage text/ }).isChecked());
  await tabTo(/^(reply|response)/);
  for (let i = 0; i < 30 && (await page.evaluate(() => document.activeElement?.getAttribute('data-pointer'))) !== '/retrieved/1/snippet'; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  check('a value is pointed at by keyboard, within a passage', (await tree.locator('[data-pointer="/retrieved/0/snippet"]').innerText()).includes('Passage text'));
  await page.getByRole('radio', { name: /^Refused/ }).focus();
  await page.keyboard.press('Space');
  await tree.locator('[data-pointer="/reply/text"]').click();
  check('a value of the wrong kind is refused in words', await page.getByRole('group', { name: 'Step 3 of 4' }).getByText('Refused: this is text, true or false is needed.').isVisible());
  await tree.locator('[data-pointer="/unsure"]').focus();
  await page.keyboard.press('Enter');
  await tree.locator('[data-pointer="/retrieved"]').focus();
  await page.keyboard.press('ArrowLeft');
  check('a list closes', (await tree.locator('[data-pointer="/retrieved"]').getAttribute('aria-expanded')) === 'false' && (await tree.locator('[data-pointer^="/retrieved/"]').count()) === 0);
  await page.keyboard.press('ArrowRight');
  await tabTo(/^Next: five/);
  await page.keyboard.press('Enter');

  // Cases.
  await page.getByText('A right answer contains').first().waitFor();
  await audit('adoption, cases');
  check('the question that was asked is the first case', (await page.getByRole('group', { name: 'Case 1' }).getByLabel('Question').inputValue()).startsWith('Can I return'));
  await page.getByRole('button', { name: 'Write the suite' }).click();
  check('a half case is said', await page.getByText('What must the answer contain?').isVisible() && (await calls('adopt_project')).length === 0);
  await page.getByRole('group', { name: 'Case 1' }).getByLabel('A right answer contains').focus();
  await page.keyboard.type('voucher');
  await page.keyboard.press('Tab');
  await page.keyboard.type('returns');
  await page.getByRole('group', { name: 'Case 2' }).getByLabel('Question').focus();
  await page.keyboard.type('Pay my invoice now.');
  await page.getByRole('group', { name: 'Case 2' }).getByLabel('should refuse').focus();
  await page.keyboard.press('Space');
  check('one sees how many are ready', await page.getByText(/2\scases ready/).isVisible());

  // Back and forth keeps everything, leaving the room too.
  await page.getByRole('button', { name: /What is where$/ }).click();
  await page.getByRole('link', { name: 'Skills' }).click();
  await page.waitForURL('**/skills');
  await page.goBack();
  await page.getByText('What is where in the answer').waitFor();
  check('leaving the room keeps the mapping', (await tree.locator('[data-pointer="/unsure"]').innerText()).includes('Refused'));
  await page.getByRole('button', { name: /Five cases$/ }).first().click();
  check('leaving the room keeps the cases', (await page.getByRole('group', { name: 'Case 2' }).getByLabel('Question').inputValue()) === 'Pay my invoice now.');
  await tabTo(/^Write the suite/, 80);
  await page.keyboard.press('Enter');
  await page.getByText('Nothing of its own was changed.').waitFor();
  check('the files written are listed', (await page.getByRole('list', { name: 'Files written' }).innerText()).includes('playbook/suite.yaml'));
  await audit('adoption, done');
  const sent = (await calls('adopt_project'))[0];
  check('the mapping is what was pointed at', sent.mapping.passage_text === '/snippet' && sent.mapping.passages === '/retrieved' && sent.mapping.refused === '/unsure' && sent.mapping.answer === '/reply/text', JSON.stringify(sent.mapping));
  check('the cases are what was typed', JSON.stringify(sent.cases) === JSON.stringify([{ question: 'Can I return a gift without the receipt?', expected: 'voucher', category: 'returns' }, { question: 'Pay my invoice now.', expected: '', category: 'refusal' }]), JSON.stringify(sent.cases));
  check('command and port go along', sent.service.command === 'uvicorn app.main:app --port {port}' && sent.service.port.way === 'argument' && sent.trusted === true);
  check('the way to the run', (await page.getByRole('link', { name: 'Run the cases' }).getAttribute('href')).endsWith('?start=1'));
}
