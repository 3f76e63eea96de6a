import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface RunningProcess {
  readonly pid: number;
  /** What `ready` matched. */
  readonly match: RegExpExecArray;
  /** All it has written so far, on both streams. */
  output(): string;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
  kill(signal?: NodeJS.Signals): void;
  /** Whether it and all its children have ended. */
  isGone(): boolean;
  /** Ends it and its children, by pid. Tells whether they went by themselves; if not, by force. */
  stop(): Promise<boolean>;
}

interface ProcessOptions {
  /** Names the program in an error. */
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** What it writes when it is ready. */
  readonly ready: RegExp;
}

const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 12_000;

/** Nothing of the machine's own settings but what a program needs to run at all. */
export const bareEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'LD_LIBRARY_PATH'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Starts a program and waits until it says that it is ready. Fails by name, with all it wrote. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { label, command, args, cwd, env, ready } = options;
  // A process group of its own, so that its children end with it.
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

/** Tells whether there is anyone left to get the signal; 0 only asks. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
