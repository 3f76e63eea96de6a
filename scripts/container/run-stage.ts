import { chmodSync, chownSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { environmentOf, type Stage, workdirOf } from './dockerfile.ts';
import { type Outcome, runIn, type Sandbox, startIn, USERS, type UserName } from './sandbox.ts';

/** A stage that has been built, and a volume for its data. */
export interface Image {
  readonly stage: Stage;
  readonly root: string;
  /** A folder that is mounted on {@link DATA}. */
  readonly volume: string;
}

export const DATA = '/data';
const START_LIMIT_MS = 30_000;
const COMMAND_LIMIT_MS = 30_000;
/** How long engines wait before they send SIGKILL. */
const STOP_LIMIT_MS = 10_000;

/** Creates a volume with the content and the owner that the image gives its folder, as engines do. */
export function createVolume(root: string, volume: string): void {
  const { uid, gid, mode } = statSync(join(root, DATA));
  mkdirSync(volume);
  chmodSync(volume, mode);
  chownSync(volume, uid, gid);
}

/** The sandbox in which a container of this image runs: read-only, except for the volume and `/tmp`. */
export function sandboxOf(
  { stage, root, volume }: Image,
  env: Record<string, string> = {},
): Sandbox {
  return {
    root,
    isReadOnly: true,
    user: userOf(stage),
    workdir: workdirOf(stage),
    env: { ...environmentOf(stage), ...env },
    volumes: { [DATA]: volume },
  };
}

/** The user of a stage. @throws Error if the base image has no such user */
export function userOf({ user = 'root' }: Pick<Stage, 'user'>): UserName {
  if (user in USERS) return user === 'node' ? 'node' : 'root';
  throw new Error(`USER ${user}: the base image has only ${Object.keys(USERS).join(' and ')}`);
}

/** Runs the program of an image to its end, with other arguments than those of `CMD`. */
export const runProgram = (
  image: Image,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Outcome> =>
  runIn(sandboxOf(image, env), [...(image.stage.entrypoint ?? []), ...args], COMMAND_LIMIT_MS);

/** A running container. */
export interface Container {
  readonly baseUrl: string;
  readonly port: number;
  /** The process id outside of the container. */
  readonly pid: number;
  output(): string;
  /** Sends SIGTERM to process 1 of the container, and SIGKILL after ten seconds. */
  stop(): Promise<{ readonly code: number; readonly ms: number }>;
}

/** Starts an image as `docker run` does, on a free port, and waits until it answers. */
export async function startContainer(
  image: Image,
  settings: Record<string, string>,
): Promise<Container> {
  const port = await freePort();
  const { entrypoint = [], command = [] } = image.stage;
  const sandbox = sandboxOf(image, { ...settings, PORT: String(port) });
  const child = startIn(sandbox, [...entrypoint, ...command]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exit = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? -1));
  });
  const baseUrl = `http://127.0.0.1:${port}`;
  const isUp = await answers(`${baseUrl}/healthz`, exit);
  const pid = isUp ? childOf(child.pid ?? -1) : undefined;
  if (pid === undefined) {
    child.kill('SIGKILL');
    throw new Error(`The container does not answer:\n${output}`);
  }
  return {
    baseUrl,
    port,
    pid,
    output: () => output,
    async stop() {
      const start = performance.now();
      process.kill(pid, 'SIGTERM');
      // `unshare` dies of SIGKILL, and the container with it (--kill-child).
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      const code = await exit;
      clearTimeout(limit);
      return { code, ms: Math.round(performance.now() - start) };
    },
  };
}

/** The only child of a process: process 1 of the container, below `unshare`. */
function childOf(pid: number): number | undefined {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

async function answers(url: string, exit: Promise<number>): Promise<boolean> {
  let hasEnded = false;
  void exit.then(() => {
    hasEnded = true;
  });
  const deadline = Date.now() + START_LIMIT_MS;
  while (!hasEnded && Date.now() < deadline) {
    try {
      if ((await fetch(url, { signal: AbortSignal.timeout(1000) })).ok) return true;
    } catch {
      // It does not listen yet.
    }
    await delay(50);
  }
  return false;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
