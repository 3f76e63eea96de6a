import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { wranglerPath } from '../../scripts/binaries.ts';
import { bareEnvironment } from '../../test/support/process.ts';
import { atMost, type Figure, figure, type Measured, row } from '../outcome.ts';
import { ROOT } from '../root.ts';
import type { Context, Scenario } from '../scenario.ts';

/** Matches the modules of a Worker, and the files that are not uploaded. */
const [MODULE, OTHER] = [/\.(?:js|mjs|wasm)$/, /(?:\.map|^README\.md)$/];
const OUTPUT_SHOWN = 800;

/** Runs wrangler without an account or network. It writes only into the folder. */
function wrangler(folder: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [wranglerPath(), ...args], {
    cwd: ROOT,
    env: {
      ...bareEnvironment(),
      HOME: folder,
      WRANGLER_LOG_PATH: join(folder, 'wrangler-logs'),
      WRANGLER_SEND_METRICS: 'false',
      NO_COLOR: '1',
      CI: 'true',
    },
    encoding: 'utf8',
  });
  if (status === 0) return stdout + stderr;
  throw new Error(`wrangler ${args[0]} failed: ${(stdout + stderr).slice(-OUTPUT_SHOWN)}`);
}

/** Returns the size of all uploaded modules, without source maps and static files, in kB of 1,000 bytes. */
function gzipSize(folder: string): number {
  const files = readdirSync(folder).filter((name) => !OTHER.test(name));
  const modules = files.filter((name) => MODULE.test(name));
  if (modules.length < files.length) throw new Error(`what is what of ${files.join(', ')}?`);
  if (modules.length === 0) throw new Error(`wrangler has left no bundle in ${folder}`);
  const sizes = modules.map((name) => gzipSync(readFileSync(join(folder, name))).length);
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

/** Returns the processor time until the Worker is ready, as measured by `wrangler check startup`. */
function startupCpu(folder: string, bundle: string): Figure | string {
  const profilePath = join(folder, 'startup.cpuprofile');
  try {
    wrangler(folder, 'check', 'startup', '--worker-bundle', bundle, '--outfile', profilePath);
    return figure('startup CPU of the Worker', 'ms', [busyMs(readFileSync(profilePath, 'utf8'))]);
  } catch (error) {
    return `Startup CPU not measured: ${error instanceof Error ? error.message : error}`;
  }
}

/** The part of V8's CPU profile that is used here. Times are in microseconds. */
interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { functionName: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

function busyMs(text: string): number {
  // The cast is safe: workerd writes V8's profile format.
  const { nodes, samples, timeDeltas } = JSON.parse(text) as CpuProfile;
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  );
  return timeDeltas.reduce(
    (sum, delta, i) => (idle.has(samples[i] ?? -1) ? sum : sum + delta / 1000),
    0,
  );
}

async function run({ folder, onStep }: Context): Promise<Measured> {
  const out = join(folder, 'worker');
  onStep(0, 'wrangler deploy --dry-run --minify');
  const upload = join(folder, 'worker.bundle');
  wrangler(folder, ...['deploy', '--dry-run', '--minify', '--outdir', out, '--outfile', upload]);
  const size = figure('Worker bundle, minified, gzip', 'kB', [gzipSize(out)]);
  onStep(0.5, 'wrangler check startup');
  const startup = startupCpu(folder, upload);
  return {
    rows: [row(atMost(275), size)],
    figures: typeof startup === 'string' ? [] : [startup],
    notes: [
      'Without the static files, in kB of 1,000 bytes (wrangler prints KiB); one sample each; the profile is of this machine’s workerd.',
      ...(typeof startup === 'string' ? [startup] : []),
    ],
  };
}

export const bundle: Scenario = {
  name: 'bundle',
  title: 'Size of the Worker bundle, and what its start costs',
  weight: () => 8,
  run,
};
