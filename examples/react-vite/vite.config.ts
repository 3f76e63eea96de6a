import { defineConfig } from 'vite';

export default defineConfig({
  // npm links to the client in this repository, and by default Vite serves no files outside of this folder.
  server: { fs: { allow: ['.', '../../packages/client'] } },
});
