// Prepares and announces the Worker that `npm run dev:worker` runs from source in local workerd.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isLoopback, urlOf } from '../src/core/loopback.ts';
import { DEMO_USER } from '../src/features/sign-up/demo-user.ts';
import { wranglerPath } from './binaries.ts';
import { writeWorkerConfig } from './worker-config.ts';

const SETTINGS = '.dev.vars';
const STATE = '.wrangler/state';
const POLL_MS = 250;
const ANSWER_LIMIT_MS = 5000;

/** The address that the Worker listens on. */
interface Address {
  readonly host: string;
  readonly port: string;
}

/**
 * Writes the settings if there are none, migrates the local D1 database, and returns the arguments for Node that start
 * `wrangler dev`. Exits if the migration fails.
 *
 * @param env the environment of wrangler
 */
export function prepareWorker({ host, port }: Address, env: NodeJS.ProcessEnv): string[] {
  createSettings();
  console.log('Migrating the local D1 database …');
  const migrate = ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', STATE];
  const { status, stdout, stderr } = spawnSync(process.execPath, [wranglerPath(), ...migrate], {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env,
  });
  if (status !== 0) {
    console.error(stdout + stderr);
    process.exit(status ?? 1);
  }
  // The build command is not needed here, because `scripts/dev.ts` has written the files.
  const config = writeWorkerConfig({ root: process.cwd(), folder: '.wrangler/dev' });
  // wrangler reads the settings from the folder of its configuration. `--env-file` would expand a `$` in a value.
  copyFileSync(SETTINGS, join(config, '..', SETTINGS));
  return [
    wranglerPath(),
    ...['dev', 'src/runtime/worker.ts', '--config', config, '--persist-to', STATE],
    ...['--ip', host, '--port', port, ...withoutDemoUser(host)],
  ];
}

/**
 * Writes the settings of the local Worker, with a new secret, because a Worker cannot store a secret that it generates.
 */
function createSettings(): void {
  if (existsSync(SETTINGS)) return;
  const secret = randomBytes(48).toString('base64url');
  writeFileSync(SETTINGS, `APP_ENV=development\nSECRET_KEY=${secret}\n`, { mode: 0o600 });
}

/**
 * Returns the arguments that disable the demo user, if the network can reach the server and the user has not set it
 * explicitly. The Worker cannot decide this, because it does not know the address that it listens on.
 */
function withoutDemoUser(host: string): readonly string[] {
  if (process.env.APP_ENV || /^SEED_DEMO_USER=/m.test(readSettings()) || isLoopback(host))
    return [];
  console.log(
    `No demo user: the network can reach ${host}. For the demo user, set SEED_DEMO_USER=true in ${SETTINGS}.`,
  );
  return ['--var', 'SEED_DEMO_USER:false'];
}

const readSettings = (): string => readFileSync(SETTINGS, 'utf8');

/**
 * Returns the address with a free port. Instead of port 0, the system chooses one. Exits if another program listens on
 * the address, because `wrangler dev` would wait without a message.
 */
export async function freeAddress(address: Address): Promise<Address> {
  try {
    const probe = createServer().listen({ host: address.host, port: Number(address.port) });
    await once(probe, 'listening');
    const bound = probe.address();
    probe.close();
    await once(probe, 'close');
    return { ...address, port: String(typeof bound === 'object' ? bound?.port : address.port) };
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    console.error(
      isTaken
        ? `Another server listens on ${urlOf(address.host, address.port)}. Stop it, or set PORT.`
        : `Cannot listen on ${urlOf(address.host, address.port)}: ${String(error)}`,
    );
    process.exit(1);
  }
}

/** Waits until the Worker responds. Prints its URLs, the demo login and the place of its data. */
export async function announceWorker(address: Address): Promise<void> {
  const url = urlOf(address.host, address.port);
  let document: string | undefined;
  do {
    await delay(POLL_MS);
    document = await readDocument(url);
  } while (document === undefined);
  const hasServer = /^DATABASE_URL=./m.test(readSettings());
  console.log(`\n${announcement(url, document, hasServer)}\n`);
}

/**
 * Reads the OpenAPI document. Returns an empty text if the Worker serves none, or undefined if the Worker does not
 * respond yet.
 */
async function readDocument(url: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const answer = await fetch(`${url}/openapi.json`, { signal });
    const text = await answer.text();
    return answer.ok ? text : '';
  } catch {
    return undefined;
  }
}

/**
 * Returns the text that describes how to try the Worker.
 *
 * @param document the OpenAPI document, which contains the demo login if there is a demo user; may be empty
 * @param hasServer whether the settings name a database server, so that local D1 is unused
 */
export function announcement(url: string, document: string, hasServer: boolean): string {
  const { phone, password } = DEMO_USER;
  return [
    `Latchkey listens on ${url}`,
    ...(document === '' ? [] : [`Try it at ${url}/docs`]),
    ...(document.includes(password)
      ? [`Demo login: ${phone.entered} with the password ${password}`]
      : []),
    ...(hasServer
      ? []
      : [
          `Its data is in ${STATE}, apart from that of \`npm start\` and \`npm run dev\`: accounts of one do not exist in the other.`,
        ]),
  ].join('\n');
}
