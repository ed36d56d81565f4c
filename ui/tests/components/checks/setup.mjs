// The first start: by keyboard alone, with steps left out, and left altogether.
export default async function ({ page, base, check, open, audit }) {
  await page.addInitScript(() => sessionStorage.setItem('scenario', 'first-start'));
  const calls = (name) => page.evaluate((n) => window.fakeBackend.calls.filter((c) => c.command === n).map((c) => c.request), name);
  const path = () => new URL(page.url()).pathname;
  const now = () => page.locator('[aria-current="step"] h2').innerText();
  const key = (k) => page.keyboard.press(k);

  await open(page, base + '/');
  await page.waitForURL('**/setup');
  check('the first start goes to the set-up', path() === '/setup');
  await audit('set-up, step 1');

  // Keyboard only. Tab to the first choice, arrows, Enter.
  await page.locator('#step-body input').first().focus();
  await key('ArrowDown');
  check('arrows choose the day', await page.getByRole('radio', { name: /Next Monday/ }).isChecked());
  await key('Enter');
  await page.waitForSelector('text=Which kind of role?');
  check('Enter goes on', (await now()) === 'Which kind of role?');
  check('focus is in the step', await page.evaluate(() => document.activeElement?.closest('#step-body') !== null));
  await audit('set-up, step 2');
  await key('Space');
  await key('ArrowDown');
  await key('ArrowDown');
  await key('Enter');
  await page.waitForSelector('text=Where do you stand today?');
  check('the answer folds into a line', (await page.getByRole('button', { name: /Role.*Change/ }).innerText()).includes('Applied AI engineer'));
  await page.waitForFunction(() => document.activeElement?.matches('input[type=radio][value="1"]'));
  await key('3');
  check('a digit scores', await page.getByRole('group', { name: 'Instruction design' }).getByRole('radio', { name: /^3/ }).isChecked());
  check('the anchor of the level is shown', (await page.getByRole('group', { name: 'Instruction design' }).innerText()).includes('Routes requests to different instructions'));
  await key('Tab');
  await key('2');
  await key('Delete');
  check('a score can be taken back', (await page.getByRole('group', { name: 'Data handling' }).locator('input:checked').count()) === 0);
  await key('Tab');
  await key('4');
  await audit('set-up, step 3');
  await key('Enter');
  await page.waitForSelector('text=Your first project');
  await audit('set-up, step 4');
  check('nothing was recorded on the way', (await calls('record')).length === 0);
  check('the folder is proposed', (await page.locator('.where').innerText()).includes('/home/learner/Playbook/rag-support-assistant'));
  await key('Enter');
  await page.waitForURL('**/projects/*?start=1');
  const [recorded] = await calls('record');
  check('what was chosen is recorded at once', recorded?.command.command === 'set_out' && recorded.command.role_family === 'applied_ai_engineer' && recorded.command.start_date === '2026-11-23', JSON.stringify(recorded));
  check('only given scores are recorded', JSON.stringify(recorded?.command.self_scores) === '{"instruction_design":3,"evaluation":4}', JSON.stringify(recorded?.command.self_scores));
  const [made] = await calls('create_starter');
  check('the starter is made where it was said', made?.starter === 'rag-support-assistant' && made.folder === '/home/learner/Playbook/rag-support-assistant', JSON.stringify(made));

  // Every step left out.
  await open(page, base + '/setup');
  for (const title of ['Which kind of role?', 'Where do you stand today?', 'Your first project']) {
    await page.getByRole('button', { name: 'Skip', exact: true }).click();
    await page.waitForSelector(`h2:has-text("${title}")`);
  }
  await page.getByRole('button', { name: 'Later' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  const all = await calls('record');
  check('skipping records a start and nothing else', JSON.stringify(all.at(-1)?.command) === JSON.stringify({ command: 'set_out', start_date: null, role_family: null, self_scores: {} }), JSON.stringify(all));

  // A step that was answered opens again; a refusal is shown where it happened.
  await open(page, base + '/setup');
  await page.getByRole('button', { name: 'Skip', exact: true }).click();
  await page.getByRole('button', { name: /First day.*Change/ }).click();
  await page.waitForSelector('h2:has-text("When do you begin?")');
  await page.getByRole('radio', { name: /Another day/ }).check({ force: true });
  await page.getByRole('button', { name: 'Continue' }).click();
  check('a missing day is asked for', (await page.getByRole('alert').innerText()).includes('Choose the day'));
  for (let i = 0; i < 3; i++) await page.getByRole('button', { name: 'Skip', exact: true }).click();
  await page.evaluate(() => window.fakeBackend.fail('create_starter', { code: 'folder.not_empty', message: 'The folder is not empty.', hint: 'Choose another folder, or empty this one.' }));
  await page.getByRole('button', { name: /Create and go/ }).click();
  check('what Rust refuses is shown, with what to do', (await page.getByRole('alert').innerText()).includes('Choose another folder'));
  await page.evaluate(() => window.fakeBackend.fail('create_starter', null));
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.waitForSelector('.where >> text=/support-assistant\\/rag-support-assistant/');
  await page.getByRole('radio', { name: /project of my own/ }).check({ force: true });
  await page.getByRole('button', { name: 'Choose the folder' }).click();
  await page.waitForURL('**/projects/new?own=1');

  // Left altogether, it does not come back by itself.
  await open(page, base + '/setup');
  await page.getByRole('button', { name: 'Skip the set-up' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  // The invented backend forgets at a reload what the database keeps, so the way is through another room and back.
  await page.getByRole('navigation').getByRole('link', { name: /Roadmap/ }).click();
  await page.waitForURL('**/roadmap');
  await page.getByRole('navigation').getByRole('link', { name: /Today/ }).click();
  await page.waitForURL((url) => url.pathname === '/');
  check('a skipped set-up does not insist', path() === '/');
  check('Today still offers it', (await page.getByRole('heading', { level: 1 }).innerText()) === 'Choose your first day');
  await page.evaluate(() => localStorage.clear());
}
