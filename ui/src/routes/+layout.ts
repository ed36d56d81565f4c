// The window is the only renderer: no server, nothing prerendered.
export const ssr = false;
export const prerender = false;
