/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** 'fake' puts the in-memory backend in (component tests, gallery, plain browser). */
  readonly VITE_BACKEND?: 'fake' | 'tauri';
}

declare global {
  interface Window {
    /** Present only inside the Tauri window. */
    __TAURI_INTERNALS__?: unknown;
  }
}

export {};
