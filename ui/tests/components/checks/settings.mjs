// Settings: providers, whose keys are typed once and never seen again; caps; prices; what was waved away is kept by Rust.
export default async function ({ page, base, check, open, audit }) {
  const calls = (command) => page.evaluate((c) => window.fakeBackend.calls.filter((one) => one.command === c).map((one) => one.request), command);
  const key = 'sk-typed-into-the-window';

  await open(page, base + '/settings/providers');
  await page.getByRole('button', { name: 'Add LM Studio' }).click();
  await page.getByRole('button', { name: 'Test LM Studio' }).waitFor();
  check('a server that was found is added without a key', JSON.stringify((await calls('save_provider')).at(-1).key) === '{"kind":"none"}');

  await page.getByRole('button', { name: 'Add provider' }).click();
  await page.getByLabel('API', { exact: true }).selectOption('gemini');
  check('a dialect brings its usual address', (await page.getByLabel('Base address').inputValue()) === 'https://generativelanguage.googleapis.com/v1beta');
  await audit('add a provider', '[role=dialog]');
  await page.getByRole('dialog').getByRole('button', { name: 'Add provider' }).click();
  await page.getByText('no key was given for Gemini').waitFor();
  check('the key is typed unseen', (await page.getByLabel('Key', { exact: true }).last().getAttribute('type')) === 'password');
  await page.locator('input[type=password]').fill(key);
  await page.getByRole('dialog').getByRole('button', { name: 'Add provider' }).click();
  await page.getByRole('button', { name: 'Test Gemini' }).waitFor();
  check('the key goes to Rust once', (await calls('save_provider')).filter((r) => r.key.typed === key).length === 1);
  const shown = await page.evaluate(() => document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }) + [...document.querySelectorAll('input')].map((i) => i.value).join());
  check('the key is nowhere on the page or in its storage', !shown.includes(key));
  await page.getByRole('button', { name: 'Change Gemini' }).click();
  check('a kept key is not shown again', (await page.locator('input[type=password]').inputValue()) === '');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Test Anthropic' }).click();
  await page.getByText('It answered in 212 ms and offers 3 models.').first().waitFor();
  await page.getByRole('button', { name: 'Test OpenAI', exact: true }).click();
  await page.getByText('the environment variable OPENAI_API_KEY is not set').first().waitFor();

  await page.getByRole('button', { name: 'More for Anthropic' }).click();
  await page.getByRole('menuitem', { name: 'Raise or remove the cap' }).click();
  await page.getByLabel('US dollars a day').fill('5');
  await page.getByRole('button', { name: 'Set cap' }).click();
  await page.getByText('$0.86 of $5.00 spent today').waitFor();
  await page.getByRole('button', { name: 'More for Anthropic' }).click();
  await page.getByRole('menuitem', { name: 'Raise or remove the cap' }).click();
  await page.getByRole('button', { name: 'Remove the cap…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove the cap' }).click();
  await page.getByText('$0.86 spent today, no cap').waitFor();
  check('a cap is taken off only after a question', (await calls('set_cap')).map((r) => r.limit_usd).join() === '5,');
  await audit('providers');

  await open(page, base + '/settings/prices');
  await page.getByRole('searchbox').fill('5.6-sol');
  await page.getByText('1 of 7 models').waitFor();
  await page.locator('summary').first().click();
  check('the other source is shown', (await page.locator('tbody').innerText()).includes('5 in, 30 out'));
  await audit('a price with its disagreement');
  await page.getByRole('button', { name: 'Set your own price of gpt-5.6-sol' }).click();
  await page.getByLabel('Input', { exact: true }).fill('4.5');
  await page.getByRole('button', { name: 'Save price' }).click();
  await page.getByRole('button', { name: 'Remove your own price of gpt-5.6-sol' }).waitFor();
  await page.getByRole('searchbox').fill('nobody');
  await page.getByText('No price for “nobody”').waitFor();
  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'Add a price for mistral-small-3.2' }).click();
  check('the form begins with the unpriced model', (await page.getByLabel('Model', { exact: true }).inputValue()) === 'mistral-small-3.2');
  await page.keyboard.press('Escape');

  await page.addInitScript(() => sessionStorage.setItem('scenario', 'interrupted'));
  await open(page, base + '/');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByRole('button', { name: 'Dismiss' }).waitFor({ state: 'detached' });
  const kept = (await calls('save_settings')).at(-1);
  check('a run that was waved away is kept by Rust', kept?.dismissed_runs.length === 1 && kept.setup_skipped === false);
  check('and not by the web view', (await page.evaluate(() => localStorage.getItem('resume-dismissed'))) === null);
}
