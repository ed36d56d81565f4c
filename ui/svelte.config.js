import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    // Runes everywhere in our own files; libraries decide for themselves.
    runes: undefined
  },
  vitePlugin: {
    dynamicCompileOptions: ({ filename }) => (filename.includes('node_modules') ? undefined : { runes: true })
  },
  kit: {
    // One page that the window opens; the router does the rest on the client.
    adapter: adapter({ fallback: 'index.html', pages: process.env.BUILD_DIR ?? 'build', assets: process.env.BUILD_DIR ?? 'build' }),
    // The window loads from its own protocol, so a version poll has nothing to ask.
    version: { name: 'app' }
  }
};
