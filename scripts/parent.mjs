const PARENT_CHECK_MS = 250;

/**
 * Ends this process, as by SIGTERM, when its parent ends. npm passes a signal on to its shell, and the
 * shell to nobody: it just goes. Call it first, while the parent is certainly there.
 */
export function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS).unref();
}
