import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sqldPath } from '../../scripts/binaries.ts';
import { freePort } from './free-port.ts';
import { bareEnvironment, type RunningProcess, startProcess } from './process.ts';

const TRIES = 5;
const ANSWER_LIMIT_MS = 20_000;

/**
 * Starts a libSQL server and waits until it answers. Tries again on other ports, because another program may take a
 * port after it was found free.
 *
 * @param port the only port to try
 * @param settings more environment variables
 * @returns its URL
 * @throws Error that contains the output of the last try
 */
export async function startSqld(
  folder: string,
  processes: RunningProcess[],
  port?: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      const { server, url } = await startOn(port ?? (await freePort()), folder, settings);
      processes.push(server);
      return url;
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}

async function startOn(http: number, folder: string, settings: Readonly<Record<string, string>>) {
  const grpc = await freePort();
  const server = await startProcess({
    label: 'sqld',
    command: sqldPath(),
    args: [
      ...['--db-path', join(folder, 'sqld')],
      ...['--http-listen-addr', `127.0.0.1:${http}`, '--grpc-listen-addr', `127.0.0.1:${grpc}`],
    ],
    cwd: folder,
    env: { ...bareEnvironment(), NO_COLOR: '1', ...settings },
    ready: /listening for HTTP requests/,
  });
  const url = `http://127.0.0.1:${http}`;
  if (await answers(server, url)) return { server, url };
  await server.stop();
  throw new Error(`sqld does not answer at ${url}\n${server.output()}`);
}

/** Waits until a server answers. Resolves to false if it ends before, or does not answer in time. */
async function answers(server: RunningProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + ANSWER_LIMIT_MS;
  while (!server.isGone() && Date.now() < deadline) {
    try {
      const { ok } = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) });
      if (ok) return !server.isGone();
    } catch {
      // It does not listen yet.
    }
    await delay(20);
  }
  return false;
}
