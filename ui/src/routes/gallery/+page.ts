import { error } from '@sveltejs/kit';
import type { PageLoad } from './$types';

// For development and tests only: in a release build the condition is constant, so the gallery is not in the bundle.
export const load: PageLoad = async () => {
  if (import.meta.env.DEV || import.meta.env.VITE_BACKEND === 'fake') return { Gallery: (await import('$lib/gallery/Gallery.svelte')).default };
  error(404, 'Not found');
};
