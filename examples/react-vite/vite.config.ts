import { defineConfig } from 'vite';

export default defineConfig({
  // npm links the client from this repository, and Vite serves no other files outside of this folder.
  server: { fs: { allow: ['.', '../../packages/client'] } },
});
