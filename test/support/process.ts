import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface RunningProcess {
  readonly pid: number;
  /** The match of `ready`. */
  readonly match: RegExpExecArray;
  /** The output so far, from both streams. */
  output(): string;
  /** Resolves with the exit code, or with the name of the signal that ended the process. */
  readonly exit: Promise<number | NodeJS.Signals>;
  kill(signal?: NodeJS.Signals): void;
  /** True if the process and all its children have exited. */
  isGone(): boolean;
  /** Sends SIGTERM to the process and its children, then SIGKILL if needed. Resolves to true if SIGTERM was enough. */
  stop(): Promise<boolean>;
}

interface ProcessOptions {
  /** The name of the program in errors. */
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Matches the output that shows that the program is ready. */
  readonly ready: RegExp;
}

const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 12_000;

/** The environment without the machine's own settings, except for the variables that a program needs to run at all. */
export const bareEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'LD_LIBRARY_PATH'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/**
 * Starts a program and waits until it is ready.
 *
 * @throws Error that names the program and contains its output
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { label, command, args, cwd, env, ready } = options;
  // Runs in its own process group (`detached`), so that a signal to the group reaches its children.
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exit = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(-1);
    });
    child.once('exit', (code, signal) => resolve(code ?? signal ?? -1));
  });
  const match = await readiness(exit, () => ready.exec(output));
  if (typeof match === 'string') {
    signalGroup(child, 'SIGKILL');
    throw new Error(`${label} cannot start: ${match}\n${output}`);
  }
  return {
    pid: child.pid ?? -1,
    match,
    output: () => output,
    exit,
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    isGone: () => !signalGroup(child, 0),
    async stop() {
      signalGroup(child, 'SIGTERM');
      const deadline = Date.now() + STOP_LIMIT_MS;
      while (signalGroup(child, 0) && Date.now() < deadline) await delay(20);
      return !signalGroup(child, 'SIGKILL');
    },
  };
}

async function readiness(
  exit: Promise<unknown>,
  check: () => RegExpExecArray | null,
): Promise<RegExpExecArray | string> {
  const deadline = Date.now() + START_LIMIT_MS;
  let ended = false;
  void exit.then(() => {
    ended = true;
  });
  for (;;) {
    const match = check();
    if (match) return match;
    if (ended) return 'it ended';
    if (Date.now() > deadline) return `it is not ready after ${START_LIMIT_MS} ms`;
    await delay(20);
  }
}

/**
 * Sends a signal to the process group. Returns true if there was a process to receive it. Signal 0 only checks this.
 */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
