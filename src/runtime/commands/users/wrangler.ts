import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { CommandError } from '../../../core/errors.ts';
import { printable } from '../../../core/text.ts';

/** A D1 database, by the name or the binding that the configuration of wrangler gives it. */
export interface D1Place {
  readonly name: string;
  readonly where: 'local' | 'remote';
}

/** Never taken for an option, nor for anything else than a name. */
export const D1_NAME = /^[A-Za-z0-9_][\w.-]{0,62}$/;

const NOT_INSTALLED =
  'wrangler is not installed in this project, nor anywhere on PATH. Install it: npm install --save-dev wrangler';

/** What wrangler reports of each statement. */
const REPORT = z.array(z.object({ results: z.array(z.record(z.string(), z.unknown())) }));

const FAILURE = z.object({ error: z.object({ text: z.string() }) });

export type Report = z.infer<typeof REPORT>;

/**
 * Runs `wrangler d1 execute` in the current folder, whose configuration names the database.
 *
 * @param source `--file=PATH` or `--command=SQL`
 * @throws CommandError with the words of wrangler if it fails
 */
export async function executeD1({ name, where }: D1Place, source: string): Promise<Report> {
  const args = ['d1', 'execute', name, `--${where}`, '--json', '--yes', source];
  const { code, stdout, stderr } = await runWrangler(args);
  const json = jsonIn(stdout);
  const report = REPORT.safeParse(json);
  if (code === 0 && report.success) return report.data;
  const words = FAILURE.safeParse(json).data?.error.text ?? (stderr || stdout);
  if (/no such (table|column)/.test(words)) {
    throw new CommandError(
      `The database is not up to date. Run \`npx wrangler d1 migrations apply ${name} --${where}\`.`,
    );
  }
  throw new CommandError(`wrangler d1 execute has failed: ${oneLine(words)}`);
}

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runWrangler(args: readonly string[]): Promise<Result> {
  const [program, ...before] = wranglerCommand();
  // Without a shell: nothing in the arguments is interpreted.
  const child = spawn(program, [...before, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' },
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  return new Promise((done, fail) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      fail(error.code === 'ENOENT' ? new CommandError(NOT_INSTALLED) : error);
    });
    child.once('close', (code) => done({ code, ...texts }));
  });
}

/** The wrangler of the project, or else that on PATH. */
function wranglerCommand(): readonly [string, ...string[]] {
  try {
    const manifest = createRequire(resolve('package.json')).resolve('wrangler/package.json');
    return [process.execPath, join(dirname(manifest), 'bin', 'wrangler.js')];
  } catch {
    return ['wrangler'];
  }
}

/** Finds the value in an output that may begin with other lines; `undefined` if there is none. */
function jsonIn(text: string): unknown {
  const start = text.search(/^[[{]/m);
  try {
    return start < 0 ? undefined : JSON.parse(text.slice(start));
  } catch {
    return undefined;
  }
}

const MAX_WORDS = 500;

const oneLine = (text: string): string =>
  printable(text.trim().replaceAll(/\s+/g, ' ').slice(0, MAX_WORDS));
