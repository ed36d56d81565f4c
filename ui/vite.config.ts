import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [sveltekit()],
  clearScreen: false,
  server: { port: 5173, strictPort: true, host: '127.0.0.1' },
  build: {
    // WebKitGTK 2.44 and Chromium 123 are the oldest engines that know light-dark().
    target: ['safari17.5', 'chrome123'],
    chunkSizeWarningLimit: 700
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' }
});
