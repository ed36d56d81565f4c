// The components that have behaviour of their own.
export default async function ({ page, base, check, open, audit }) {
  await open(page, base + '/gallery');

  const grid = page.getByRole('grid', { name: 'All results' });
  await grid.scrollIntoViewIfNeeded();
  await page.waitForSelector('[role="row"] >> text=case-000001');
  check('100,000 rows are announced to assistive technology', (await grid.getAttribute('aria-rowcount')) === '100001');
  check('only what is in sight is in the document', (await grid.getByRole('row').count()) < 60);
  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.waitForSelector('text=Cursor on case-000002');
  await page.keyboard.press('End');
  await page.waitForSelector('[role="row"] >> text=case-100000');
  const active = await grid.getAttribute('aria-activedescendant');
  check('the current row is in the document', (await page.locator(`[id="${active}"]`).innerText()).includes('case-100000'));
  await page.keyboard.press('Home');
  await page.waitForSelector('[role="row"] >> text=case-000001');
  await page.keyboard.press('Enter');
  await page.waitForSelector('text=Opened case-000001');

  const token = page.getByRole('button', { name: /Grounded answers, after/ });
  await token.hover();
  await page.waitForSelector('.proof >> text=run 14');
  await page.keyboard.press('Escape');
  await page.mouse.move(0, 0);
  await page.waitForSelector('.proof', { state: 'detached' });
  await token.focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.proof >> text=run 14');
  await audit('claim open');
  await page.keyboard.press('Tab');
  check('the runs behind a claim are reached by keyboard', (await page.evaluate(() => document.activeElement?.textContent)) === 'run 14', await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120)));
  await page.keyboard.press('Escape');
  await page.waitForSelector('.proof', { state: 'detached' });
  check('focus comes back to the claim', /after/.test((await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) ?? ''));

  await page.getByRole('button', { name: 'Show table' }).click();
  check('the chart has its table', (await page.getByRole('table', { name: 'Grounded answers by run' }).getByRole('row').count()) === 10);
  check('no data is not 0', (await page.getByRole('table', { name: 'Grounded answers by run' }).innerText()).includes('no data'));
  await page.getByRole('button', { name: 'Show chart' }).click();

  await page.getByRole('button', { name: 'New suite' }).click();
  await page.waitForSelector('[role="dialog"]');
  await audit('dialog open', '[role=dialog]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('[role="dialog"]', { state: 'detached' });
  check('focus comes back to the button', (await page.evaluate(() => document.activeElement?.textContent?.trim())) === 'New suite');

  await page.getByRole('button', { name: 'More about this run' }).click();
  await page.waitForSelector('[role="menu"]');
  await audit('menu open');
  await page.getByRole('menuitem', { name: 'Delete the run' }).click();
  await page.waitForSelector('[role="alertdialog"]');
  await page.waitForTimeout(100);
  check('the safe answer has the focus', (await page.evaluate(() => document.activeElement?.textContent?.trim())) === 'Keep it');
  await audit('confirmation open', '[role=alertdialog]');
  await page.keyboard.press('Escape');

  await page.getByRole('group', { name: 'Cases' }).getByRole('button', { name: /grounding/ }).click();
  check('a chip narrows the table', (await page.getByRole('table', { name: 'Cases of run 14' }).getByRole('row').count()) === 2);
}
