import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bareEnvironment } from '../../test/support/process.ts';
import { onCore } from '../pinning.ts';

export interface ServerOptions {
  /** Names it in errors. */
  readonly label: string;
  readonly command: readonly [string, ...string[]];
  /** Where its log file is made. */
  readonly folder: string;
  /** Nothing of the machine's own settings is laid under these. */
  readonly env: Readonly<Record<string, string>>;
  /** Matches what it writes when it listens; the first group is its port. Without it nobody waits. */
  readonly ready?: RegExp;
  /** The core it runs on; `undefined` for all. */
  readonly core: number | undefined;
}

export interface Server {
  readonly pid: number;
  /** 0 where nobody waited for it. */
  readonly port: number;
  /** How long processors have worked for it so far, in seconds; `undefined` where the system does not tell. */
  cpuSeconds(): number | undefined;
  /** What it has written since the log was last emptied. */
  log(): string;
  /** A busy server writes gigabytes. */
  emptyLog(): void;
  /** Throws if it has ended by itself. */
  assertAlive(): void;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 12_000;
const LOG_SHOWN = 2000;

/** All that this process has started and not ended: none of it outlives us. */
const running = new Set<number>();
process.once('exit', () => {
  for (const pid of running) signal(pid, 'SIGKILL');
});

/** Starts a server that writes to a log file, as in production, and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { label, folder, env, ready, core } = options;
  const logPath = join(folder, `${label.replaceAll(/\W+/g, '-')}.log`);
  const log = openSync(logPath, 'a');
  const [command, ...args] = onCore(core, options.command);
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...bareEnvironment(), ...env },
    // A process group of its own, so that its children end with it.
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended: string | undefined;
  const exit = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended = error.message;
      resolve();
    });
    child.once('exit', (code, name) => {
      ended = String(code ?? name);
      resolve();
    });
  });
  const pid = child.pid ?? 0;
  running.add(pid);
  const read = () => readFileSync(logPath, 'utf8');
  const server = {
    pid,
    log: read,
    cpuSeconds: () => cpuSecondsOf(pid),
    emptyLog: () => truncateSync(logPath),
    assertAlive() {
      if (ended === undefined) return;
      throw new Error(`${label} has ended (${ended}):\n${read().slice(-LOG_SHOWN)}`);
    },
    async stop() {
      // Its number may be somebody else's by now.
      if (!running.delete(pid)) return;
      signal(pid, 'SIGTERM');
      await Promise.race([exit, delay(STOP_LIMIT_MS, undefined, { ref: false })]);
      signal(pid, 'SIGKILL');
    },
  };
  if (!ready) return { ...server, port: 0 };
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const port = ready.exec(read())?.[1];
    if (port !== undefined) return { ...server, port: Number(port) };
    server.assertAlive();
    if (Date.now() > deadline) {
      await server.stop();
      throw new Error(`${label} does not listen:\n${read().slice(-LOG_SHOWN)}`);
    }
    await delay(10);
  }
}

/** Linux counts in hundredths of a second for programs, whatever the kernel's own clock (proc(5), `stat`). */
const TICKS_PER_SECOND = 100;
/** Of the fields behind the name: `utime` and `stime`. */
const [USER, SYSTEM] = [11, 12];

/** Of all threads of a process. */
function cpuSecondsOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[USER]) + Number(fields[SYSTEM])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  if (pid === 0) return;
  try {
    process.kill(-pid, name);
  } catch {
    // Gone already.
  }
}
