// A run that is known by its id alone (an artifact, a line of evidence): finds its project and goes on to its page.
import { error, redirect } from '@sveltejs/kit';
import { backend, toBackendError } from '$lib/backend';
import { href } from '$lib/route';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params }) => {
  const view = await backend.call('run', { run: params.run }).catch((thrown: unknown) => error(404, toBackendError(thrown).message));
  redirect(307, href.run(view.summary.project, view.summary.run));
};
