import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bareEnvironment } from './process.ts';
import { ROOT } from './targets.ts';

export interface ProgramResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns the path of a built program for Node. */
export const programPath = (
  name:
    | 'latchkey'
    | 'migrate'
    | 'backup'
    | 'check'
    | 'import'
    | 'export'
    | 'keys'
    | 'messages'
    | 'users',
): string => join(ROOT, `dist/runtime/${name}.js`);

/** Runs a command asynchronously in a folder, with these settings and none of the machine's own. */
export function run(
  command: readonly string[],
  folder: string,
  settings: Record<string, string> = {},
  timeout = 30_000,
): Promise<ProgramResult> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...bareEnvironment(), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...texts }));
  });
}

/** Runs a built program on Node. */
export const runProgram = (
  name: Parameters<typeof programPath>[0],
  args: readonly string[],
  folder: string,
  settings: Record<string, string> = {},
): Promise<ProgramResult> => run([process.execPath, programPath(name), ...args], folder, settings);
