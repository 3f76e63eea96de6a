// `npm run test:load`: measures how a storm of logins affects reads, and how a server handles four times the logins
// that it can serve. Prints figures and asserts nothing, because they depend on the machine and its load.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createPasswordHasher } from '../src/features/passwords/password-hash.ts';
import { type Account, Api } from './support/api.ts';
import { bareEnvironment, startProcess } from './support/process.ts';
import { LISTENING, SERVERS } from './support/server.ts';

const SECONDS = 8;
const READ_EVERY_MS = 5;
const STORM = 16;

interface Taken {
  readonly status: number;
  readonly ms: number;
}

async function take(ask: () => Promise<{ readonly status: number }>): Promise<Taken> {
  const begun = performance.now();
  try {
    return { status: (await ask()).status, ms: performance.now() - begun };
  } catch {
    return { status: 0, ms: performance.now() - begun };
  }
}

/** Runs `clients` concurrent clients. Each sends its next request `pauseMs` after a response. */
async function askedBy(clients: number, ask: () => Promise<Taken>, pauseMs = 0): Promise<Taken[]> {
  const all: Taken[] = [];
  const end = performance.now() + SECONDS * 1000;
  const client = async () => {
    while (performance.now() < end) {
      all.push(await ask());
      if (pauseMs > 0) await delay(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return all;
}

/** Sends `perSecond` requests per second, whether or not earlier ones have been answered. */
async function askedAtRate(perSecond: number, ask: () => Promise<Taken>): Promise<Taken[]> {
  const all: Promise<Taken>[] = [];
  const begun = performance.now();
  for (let i = 0; i < perSecond * SECONDS; i++) {
    await delay(Math.max(0, begun + (i * 1000) / perSecond - performance.now()));
    all.push(ask());
  }
  return Promise.all(all);
}

function print(title: string, taken: readonly Taken[]): void {
  const ms = taken.map((one) => one.ms).sort((a, b) => a - b);
  const at = (share: number) =>
    (ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? Number.NaN).toFixed(1);
  const figures = `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms`;
  console.log(`${title.padEnd(44)} ${String(taken.length).padStart(6)}   ${figures}`);
}

function printByStatus(title: string, taken: readonly Taken[]): void {
  for (const status of new Set(taken.map((one) => one.status))) {
    const label = status === 0 ? 'no answer' : String(status);
    print(
      `${title}: ${label}`,
      taken.filter((one) => one.status === status),
    );
  }
}

async function measure(api: Api, account: Account): Promise<void> {
  const read = () => take(() => api.get('/profile/me', account.bearer));
  const other = await api.newAccount();
  const logIn = () => take(() => api.logIn(other.email, other.password));

  print('one login at a time', await askedBy(1, logIn));
  await askedBy(1, read, READ_EVERY_MS);
  print('reads, no other load', await askedBy(1, read, READ_EVERY_MS));

  const [reads, logIns] = await Promise.all([
    askedBy(1, read, READ_EVERY_MS),
    askedBy(STORM, logIn),
  ]);
  const served = logIns.filter(({ status }) => status === 200);
  const perSecond = served.length / SECONDS;
  print(`reads, with ${STORM} clients logging in`, reads);
  printByStatus(`${STORM} clients logging in`, logIns);

  const parallel = availableParallelism();
  const { hash } = createPasswordHasher(6);
  const raw = await askedBy(parallel, () =>
    take(async () => ({ status: (await hash('analytical engine')).length })),
  );
  const rawPerSecond = raw.length / SECONDS;
  console.log(
    `logins per second: ${perSecond.toFixed(1)}; ` +
      `hashes per second, ${parallel} at once, no other load: ${rawPerSecond.toFixed(1)}`,
  );

  const [readsUnder4x, under4x] = await Promise.all([
    askedBy(1, read, READ_EVERY_MS),
    askedAtRate(4 * perSecond, logIn),
  ]);
  printByStatus('reads, under four times the logins', readsUnder4x);
  printByStatus('four times the logins', under4x);
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-load-'));
const [command = '', ...args] = SERVERS.node();
const server = await startProcess({
  label: 'node',
  command,
  args,
  cwd: folder,
  env: { ...bareEnvironment(), PORT: '0', SESSION_MAX_PER_USER: '1000', LOG_LEVEL: 'silent' },
  ready: LISTENING,
});
try {
  const api = new Api(server.match[1] ?? '');
  await measure(api, await api.newAccount());
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
