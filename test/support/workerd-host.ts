// Runs a bundled Worker in workerd, with the bindings of a wrangler.toml. Unlike `wrangler dev`, it puts no proxy in
// front of the Worker: that one drops a request whose connection is just being closed as idle
// (github.com/cloudflare/workers-sdk/issues/14641).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { MiniflareOptions, WorkerOptions } from 'miniflare';
import { wranglerPath } from '../../scripts/binaries.ts';

/** What the host runs: JSON in the file that its only argument names. */
export interface HostedWorker {
  /** The path of the bundle. */
  readonly script: string;
  /** The path of the wrangler.toml. */
  readonly config: string;
  /** The folder of the local databases. */
  readonly state: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Statements to run on the D1 database before the first request. */
  readonly sql: readonly string[];
}

// Of the tested version of wrangler.
const require = createRequire(wranglerPath());
const { Miniflare } = require('miniflare') as typeof import('miniflare');
const { unstable_getMiniflareWorkerOptions: optionsOf } =
  require('wrangler') as typeof import('wrangler');

const { script, config, state, settings, sql } = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
) as HostedWorker;
// The cast is safe: both types are of the same version of Miniflare.
const worker = optionsOf(config).workerOptions as WorkerOptions;

const host = new Miniflare({
  ...worker,
  name: 'latchkey',
  modules: [{ type: 'ESModule', path: script, contents: readFileSync(script, 'utf8') }],
  modulesRoot: dirname(script),
  bindings: settings,
  r2Buckets: { AVATARS: 'latchkey-avatars' },
  host: '127.0.0.1',
  port: 0,
  cf: false,
  defaultPersistRoot: state,
  // Serves /cdn-cgi/handler/scheduled, which runs the scheduled handler.
  unsafeTriggerHandlers: true,
  // Prints the log of the Worker.
  handleRuntimeStdio(stdout: Readable, stderr: Readable) {
    stdout.pipe(process.stdout);
    stderr.pipe(process.stderr);
  },
} as MiniflareOptions);

const url = await host.ready;
if (sql.length > 0) {
  const db = await host.getD1Database('DB');
  await db.batch(sql.map((text) => db.prepare(text)));
}
console.log(`Ready on ${url.origin}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void host.dispose().finally(() => process.exit(0)));
}
