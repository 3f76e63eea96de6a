// `npm start`: builds, then serves in this same process, so that a signal reaches the server.

// npm passes a signal on to its shell, and the shell to nobody: it just goes. Then we go as well.
const PARENT_CHECK_MS = 250;
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  process.kill(process.pid, 'SIGTERM');
}, PARENT_CHECK_MS).unref();

await import('./build.mjs');
await import('../dist/runtime/node.js');
