import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bareEnvironment } from '../../test/support/process.ts';
import { onCore } from '../pinning.ts';

export interface ServerOptions {
  /** The name of the server in errors. */
  readonly label: string;
  readonly command: readonly [string, ...string[]];
  /** The folder of the log file. */
  readonly folder: string;
  /** The settings of the server. Settings in the environment of this process are not inherited. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Matches the output of a listening server; the first group is the port. If it is undefined, starting the server does
   * not wait until it listens.
   */
  readonly ready?: RegExp;
  /** The core that the server runs on; `undefined` for all. */
  readonly core: number | undefined;
}

export interface Server {
  readonly pid: number;
  /** The port; 0 if `ready` is undefined. */
  readonly port: number;
  /** The processor time used so far, in seconds; `undefined` if the system does not report it. */
  cpuSeconds(): number | undefined;
  /** The output since the log was last emptied. */
  log(): string;
  /** Truncates the log, because a busy server writes gigabytes. */
  emptyLog(): void;
  /** @throws Error if the server has exited */
  assertAlive(): void;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 12_000;
const LOG_SHOWN = 2000;

/** The process ids of the running servers. They are killed when this process exits. */
const running = new Set<number>();
process.once('exit', () => {
  for (const pid of running) signal(pid, 'SIGKILL');
});

/** Starts a server that writes to a log file, as in production. If `ready` is given, waits until the server listens. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { label, folder, env, ready, core } = options;
  const logPath = join(folder, `${label.replaceAll(/\W+/g, '-')}.log`);
  const log = openSync(logPath, 'a');
  const [command, ...args] = onCore(core, options.command);
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...bareEnvironment(), ...env },
    // Runs in its own process group, so that a signal to the group reaches its children.
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
      // The server is already stopped. Another process may have its pid now.
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

/** Linux reports hundredths of a second to programs, regardless of the kernel's own tick rate (proc(5), `stat`). */
const TICKS_PER_SECOND = 100;
/** The indexes of `utime` and `stime` among the fields that follow the name. */
const [USER, SYSTEM] = [11, 12];

/** Returns the processor time of all threads of a process. */
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
    // The process has already exited.
  }
}
