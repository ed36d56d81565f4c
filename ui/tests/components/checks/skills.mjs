// Skills: the reasons behind a level, re-scoring, and the sprint's focus with its rule.
export default async function ({ page, base, check, open, audit }) {
  const calls = (name) => page.evaluate((n) => window.fakeBackend.calls.filter((c) => c.command === n).map((c) => c.request), name);
  await open(page, base + '/skills');
  check('the heading is the finding', (await page.getByRole('heading', { level: 1 }).innerText()).startsWith('Backend integration: you feel sure'));
  check('nothing shown is not a 1', (await page.getByRole('img', { name: /Safety and compliance: .*evidence none yet/ }).count()) === 1);

  const row = page.getByRole('button', { name: 'Data handling' });
  await row.focus();
  await page.keyboard.press('Enter');
  check('a row opens by keyboard', (await row.getAttribute('aria-expanded')) === 'true');
  const detail = page.locator('#detail-data_handling');
  const words = await detail.innerText();
  check('it says what the next level asks for', words.includes('Level 3 still asks for') && words.includes('30 of your own cases'), words);
  check('it says why evidence is capped', words.includes('Held at level 2'));
  check('evidence leads to its run', (await detail.getByRole('link', { name: /Run 13/ }).getAttribute('href'))?.startsWith('/runs/'));
  await audit('skills, a row open');
  await detail.getByRole('link', { name: /Run 13/ }).click();
  await page.waitForURL('**/projects/*/runs/*');
  await page.goBack();
  await page.waitForSelector('h1:has-text("Backend integration")');
  await row.click();
  await row.focus();
  await page.keyboard.press('Enter');
  check('and closes', (await detail.count()) === 0);

  await page.getByRole('button', { name: 'Re-score' }).click();
  await page.waitForSelector('[role=dialog]');
  await audit('re-score', '[role=dialog]');
  const group = page.getByRole('dialog').getByRole('group', { name: 'Evaluation' });
  await group.getByRole('radio', { name: /^3/ }).focus();
  await page.keyboard.press('4');
  check('the anchor follows the level', (await group.innerText()).includes('No release goes out past a failed gate'));
  await page.getByRole('button', { name: 'Keep scores' }).click();
  await page.waitForSelector('[role=dialog]', { state: 'detached' });
  check('the scores are recorded', (await calls('record')).at(-1)?.command.scores?.evaluation === 4);
  await page.getByRole('button', { name: 'Audit history' }).click();
  check('every scoring is in the history', (await page.getByRole('table', { name: 'Every scoring' }).getByRole('row').count()) === 4);
  await audit('history', '[role=dialog]');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Change the focus' }).click();
  const dialog = page.getByRole('dialog');
  check('the tie rule is shown', (await dialog.innerText()).includes('The two with the lowest evidence are proposed'));
  await audit('focus', '[role=dialog]');
  check('the choice that was made is there', (await dialog.locator('input:checked').count()) === 2);
  await dialog.getByRole('checkbox', { name: /Data handling/ }).uncheck();
  await dialog.getByRole('checkbox', { name: /Evaluation/ }).check();
  await dialog.getByRole('button', { name: 'Choose these two' }).click();
  check('another choice asks why', (await dialog.getByRole('alert').innerText()).includes('lowest'));
  await dialog.getByRole('textbox').fill('The next role is hired for evaluation.');
  await dialog.getByRole('button', { name: 'Choose these two' }).click();
  await page.waitForSelector('[role=dialog]', { state: 'detached' });
  check('the reason stays beside the choice', (await page.locator('main').innerText()).includes('The next role is hired for evaluation.'));

  await page.keyboard.press('Control+k');
  await page.waitForSelector('[data-command-input]');
  await page.keyboard.type('re-score');
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  await page.waitForSelector('[role=dialog] >> text=Score yourself again');
  check('the palette opens the scoring', !page.url().includes('do='));
  await page.keyboard.press('Escape');

  await page.evaluate(() => sessionStorage.setItem('scenario', 'empty'));
  await open(page, base + '/skills');
  check('without scores it says so', (await page.getByRole('heading', { level: 1 }).innerText()) === 'You have not scored yourself yet');
  await audit('skills, empty');
  await page.evaluate(() => { sessionStorage.clear(); localStorage.clear(); });
}
