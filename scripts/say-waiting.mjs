// Loaded before a server under a watcher that keeps running, without a word, after its server has failed.
process.on('exit', (code) => {
  if (code !== 0) console.error('Waiting for a change of the source. Ctrl+C ends it.');
});
