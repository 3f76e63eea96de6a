const PARENT_CHECK_MS = 250;

/**
 * Sends this process SIGTERM when its parent exits. npm forwards a signal only to its shell, and the shell exits
 * without forwarding it. Call this function first, while the parent is certainly alive.
 */
export function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS).unref();
}
