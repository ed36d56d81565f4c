// The roadmap: a week closes on what is linked and on nothing else; what came late is stamped; dates move, items wait.
export default async function ({ page, base, check, open, audit }) {
  const calls = (name) => page.evaluate((n) => window.fakeBackend.calls.filter((c) => c.command === n).map((c) => c.request), name);
  const h1 = () => page.getByRole('heading', { level: 1 }).innerText();
  const main = page.locator('main');
  await open(page, base + '/roadmap');
  check('this week is open', (await h1()) === 'Put latency and cost under thresholds');
  check('twelve weeks are listed', (await page.getByRole('navigation', { name: 'Months and weeks' }).locator('a.week').count()) === 12);

  // Closing is refused in words.
  const close = page.getByRole('button', { name: 'Close week 6' });
  check('a week that lacks something cannot be closed', await close.isDisabled());
  const why = await close.evaluate((b) => document.getElementById(b.getAttribute('aria-describedby') ?? '')?.innerText ?? '');
  check('it says what is missing', why.includes('stays open until this is linked') && why.includes('The dashboard, where a reviewer can open it'), why);
  check('no retro is asked for yet', (await page.getByLabel('Retro').count()) === 0);

  // An address for the need meets it.
  await page.getByRole('button', { name: /^Link something for: The dashboard/ }).click();
  await page.getByRole('radio', { name: 'An address' }).check({ force: true });
  await audit('link dialog', '[role=dialog]');
  await page.getByRole('textbox', { name: 'Address' }).fill('dashboards.example');
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  check('what is no address is refused', (await page.getByRole('alert').innerText()).includes('https://'));
  await page.getByRole('textbox', { name: 'Address' }).fill('https://dash.example.org/golden');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[role=dialog]', { state: 'detached' });
  const linked = (await calls('link_artifact')).at(-1);
  check('it is linked for its need', linked?.need === 'dashboard' && linked.source.kind === 'link' && linked.place.week === 6, JSON.stringify(linked));
  await page.waitForSelector('label:has-text("Retro")');
  await page.getByLabel('Retro').fill('The budget was missed twice before the index was cached.');
  await page.getByRole('button', { name: 'Close week 6' }).click();
  check('a plan for what comes next is asked for', (await page.getByRole('alert').innerText()).includes('no plan for what comes next'));
  await page.getByRole('link', { name: /Let failures drive/ }).click();
  await page.getByRole('link', { name: /Put latency and cost/ }).click();
  check('a retro that was begun is kept', (await page.getByLabel('Retro').inputValue()).startsWith('The budget was missed'));
  await page.getByLabel('What comes next').fill('Policy checks in code.');
  await page.getByRole('button', { name: 'Close week 6' }).click();
  await page.waitForSelector('h2:has-text("How it went")');
  check('the rail counts it', (await page.getByRole('navigation', { name: 'Rooms' }).innerText()).includes('5/12'));
  await page.getByRole('button', { name: 'Open again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Open again' }).click();
  check('opening again needs a reason', (await page.getByRole('alert').innerText()).includes('needs a reason'));
  await page.getByRole('textbox', { name: 'Why' }).fill('The dashboard shows last week.');
  await page.keyboard.press('Enter');
  await page.waitForSelector('h2:has-text("Close the week")');

  // Runs: those that cannot close come last and say so.
  await page.getByRole('button', { name: 'Link a run' }).click();
  await page.waitForSelector('[role=radiogroup] label');
  const rows = await page.getByRole('radiogroup', { name: /^Runs/ }).locator('label').allInnerTexts();
  const firstWeak = rows.findIndex((r) => r.includes('cannot close'));
  check('candidates come first', firstWeak > 0 && rows.slice(firstWeak).every((r) => r.includes('cannot close')), rows.join(' | '));
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Link a file' }).click();
  await page.getByRole('button', { name: 'Choose a file' }).click();
  await page.waitForSelector('[role=dialog] >> text=README.md');
  await page.keyboard.press('Escape');

  // Overdue, with a stamp.
  await open(page, base + '/roadmap?week=4');
  check('an output that came late is stamped', (await main.innerText()).includes('Defined after the week began'));
  check('an overdue week says so', (await main.innerText()).includes('overdue'));
  check('an experiment does not close', (await main.innerText()).includes('does not close anything'));

  // Ahead of time there is no stamp; a stamp is told beforehand.
  await open(page, base + '/roadmap?week=7');
  await page.getByRole('button', { name: 'Define output' }).first().click();
  const area = page.getByRole('textbox', { name: 'Output of week 7' });
  check('the editor has the focus', await area.evaluate((e) => e === document.activeElement));
  await area.fill('Refusals on 12 adversarial cases, one fallback made to run.');
  await page.keyboard.press('Enter');
  await page.waitForSelector('p.lead:has-text("Refusals on 12")');
  check('defined before it begins, it has no stamp', !(await main.innerText()).includes('Defined after'));
  check('the closed editor stays closed', (await area.count()) === 0);

  // Items.
  await page.getByRole('textbox', { name: 'New item in week 7' }).fill('Write ten attacks');
  await page.keyboard.press('Enter');
  await page.waitForSelector('ul[aria-label="Items of week 7"] >> text=Wishlist');
  await page.getByRole('button', { name: 'More about Write ten attacks' }).click();
  await audit('item menu');
  await page.getByRole('menuitem', { name: 'Move to the backlog' }).click();
  await page.waitForSelector('ul[aria-label="Items of the backlog"] >> text=Write ten attacks');

  // Month.
  await page.getByRole('link', { name: /^Month 1/ }).click();
  await page.waitForURL('**/roadmap?month=1');
  check('the month is open', (await h1()) === 'Build and instrument');
  await audit('month');

  // The plan: learning moves no bar, dates move, a pause is told.
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await page.getByRole('menuitem', { name: /Log learning/ }).click();
  check('learning says that it moves no bar', (await page.getByRole('dialog').innerText()).includes('moves no bar'));
  await page.getByRole('textbox', { name: 'What you finished' }).fill('Statistics for evals');
  await page.keyboard.press('Enter');
  await page.waitForSelector('ol.log >> text=Course: Statistics for evals');
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await page.getByRole('menuitem', { name: /Move dates/ }).click();
  await page.getByRole('combobox', { name: 'From' }).selectOption('7');
  await page.getByRole('spinbutton', { name: /how many days/ }).fill('3');
  await page.getByRole('dialog').getByRole('button', { name: 'Move dates' }).click();
  await page.waitForSelector('ol.log >> text=Moved week 7');
  const moved = (await calls('record')).at(-1)?.command;
  check('the move is what was said', moved?.from_week === 7 && moved.days === 3 && moved.reason === null, JSON.stringify(moved));
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await page.getByRole('menuitem', { name: /Pause/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
  await page.waitForSelector('text=Dates move along, nothing becomes overdue');
  await audit('roadmap, paused');
  await page.getByRole('button', { name: 'Go on with the plan' }).click();
  await page.waitForSelector('text=Dates move along', { state: 'detached' });

  await page.evaluate(() => sessionStorage.setItem('scenario', 'first-start'));
  await open(page, base + '/roadmap');
  check('without a first day it asks for one', await page.getByRole('link', { name: 'Choose the first day' }).isVisible());
  await audit('roadmap, not set out');
  await page.evaluate(() => { sessionStorage.clear(); localStorage.clear(); });
}
