import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FILES_PATH } from '../../src/features/docs/page.ts';
import { megabytes, readContents } from './contents.ts';
import { environmentOf } from './dockerfile.ts';
import {
  type Container,
  DATA,
  type Image,
  runProgram,
  sandboxOf,
  startContainer,
  userOf,
} from './run-stage.ts';
import { type Outcome, runIn, type Sandbox, USERS } from './sandbox.ts';

/** The result of one check. */
export interface Check {
  readonly title: string;
  /** Undefined if the check has passed. */
  readonly problem: string | undefined;
}

/** Records checks. A check fails by throwing. */
export class Checks {
  readonly done: Check[] = [];
  readonly #report: (check: Check) => void;

  constructor(report: (check: Check) => void) {
    this.#report = report;
  }

  async run(title: string, work: () => Promise<void> | void): Promise<void> {
    let problem: string | undefined;
    try {
      await work();
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    const check = { title, problem };
    this.done.push(check);
    this.#report(check);
  }
}

const MAX_BYTES = 24_000_000;
const ADA = { email: 'ada@example.com', password: 'analytical engine' };
const EXPECTED = ['LICENSE', 'dist', 'drizzle', 'node_modules', 'package.json', 'public'];
/** Below these, nothing may be written in a container. `/dev` has devices. */
const PLACES = [
  '/',
  '/app',
  '/app/dist/runtime',
  '/app/node_modules',
  '/etc',
  '/home/node',
  '/usr/local',
  '/var/tmp',
];

/** Checks what an image contains. */
export async function checkContents(checks: Checks, { root }: Image): Promise<void> {
  const { files, bytes } = readContents(root);
  await checks.run('it contains what the program needs, and nothing else', () => {
    const top = [...new Set(files.map((file) => file.split('/').slice(0, 2).join('/')))];
    equal(
      top.sort(),
      EXPECTED.map((name) => `app/${name}`),
      'the files',
    );
    const foreign = files.filter((file) =>
      /node_modules\/(?:esbuild|typescript|vitest|@types|@libsql\/[^/]*musl)\/|(?:^|\/)(?:\.env|\.git)|\.(?:db|secret|log)$/.test(
        file,
      ),
    );
    equal(foreign, [], 'files that should not be there');
  });
  await checks.run(`beside Node it is at most ${megabytes(MAX_BYTES)}`, () => {
    if (bytes > MAX_BYTES) throw new Error(`It is ${megabytes(bytes)}.`);
  });
}

/** Checks how a container starts, serves, is confined, stops and starts again. */
export async function checkContainer(checks: Checks, image: Image): Promise<void> {
  const settings = { SECRET_KEY: randomBytes(48).toString('base64') };
  const before = readContents(image.root).digest;

  await checks.run('without SECRET_KEY it ends with code 1 and says so', async () => {
    const { code, output } = await runProgram(image, image.stage.command ?? []);
    if (code !== 1 || !/SECRET_KEY: must be set in production/.test(output)) {
      throw new Error(`It ended with ${code}:\n${output}`);
    }
  });

  let token = '';
  await serving(checks, 'it starts', image, settings, async (container) => {
    await checks.run('its HEALTHCHECK passes', async () => {
      expectCode(await probe(image, container.port), 0);
    });
    await checks.run('/docs and its script are served', async () => {
      await expectStatus(container, '/docs', 200);
      await expectStatus(container, `${FILES_PATH}/swagger-ui-bundle.js`, 200);
    });
    await checks.run('an account signs up and logs in', async () => {
      const { status } = await fetch(`${container.baseUrl}/auth/signup`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(ADA),
      });
      equal(status, 201, 'the status of the sign-up');
      token = await logIn(container);
    });
    await checks.run('it is process 1, runs as the user of USER, and has no capabilities', () => {
      const status = readFileSync(`/proc/${container.pid}/status`, 'utf8');
      const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
      const uid = USERS[userOf(image.stage)];
      equal(field('Uid').split(/\s+/), Array(4).fill(String(uid)), 'its user ids');
      equal(uid === 0, false, 'runs as root');
      equal(field('NSpid').split(/\s+/).at(-1), '1', 'its process id inside');
      for (const name of ['CapEff', 'CapPrm', 'CapBnd'])
        equal(BigInt(`0x${field(name)}`), 0n, name);
      equal(field('NoNewPrivs'), '1', 'NoNewPrivs');
    });
    await checks.run('its process cannot write outside of the volume', async () => {
      equal(await writable(sandboxOf(image)), [DATA, '/tmp'], 'places that can be written');
    });
  });
  await checks.run('its HEALTHCHECK fails when nothing listens', async () => {
    expectCode(await probe(image, 1), 1);
  });
  await checks.run('even root cannot write on the read-only root file system', async () => {
    equal(
      await writable({ ...sandboxOf(image), user: 'root' }),
      [DATA, '/tmp'],
      'places that can be written',
    );
  });
  await checks.run('on a writable root file system, its user still cannot write', async () => {
    const places = await writable({ ...sandboxOf(image), isReadOnly: false });
    equal(places, [DATA, '/tmp'], 'places that can be written');
  });

  await serving(
    checks,
    'it starts a second time on the same volume',
    image,
    settings,
    async (container) => {
      await checks.run('the account and its session are still there', async () => {
        await logIn(container);
        await expectStatus(container, '/profile/me', 200, token);
      });
      await checks.run('the other commands run beside it: check, backup, users', async () => {
        expectCode(await runProgram(image, ['check'], settings), 0);
        expectCode(await runProgram(image, ['backup', `${DATA}/backup.db`], settings), 0);
        const { output } = await runProgram(image, ['users', 'list'], settings);
        if (!output.includes(ADA.email)) throw new Error(`users list:\n${output}`);
      });
    },
  );
  await checks.run('nothing in the image has changed', () => {
    equal(readContents(image.root).digest, before, 'the digest');
  });
}

/** Starts a container, works with it, and stops it by SIGTERM. */
async function serving(
  checks: Checks,
  title: string,
  image: Image,
  settings: Record<string, string>,
  work: (container: Container) => Promise<void>,
): Promise<void> {
  let container: Container | undefined;
  await checks.run(title, async () => {
    container = await startContainer(image, settings);
  });
  if (container === undefined) return;
  const running = container;
  await work(running);
  await checks.run('SIGTERM ends it with code 0, and it needs no SIGKILL', async () => {
    const { code, ms } = await running.stop();
    if (code !== 0) throw new Error(`It ended with ${code} after ${ms} ms:\n${running.output()}`);
  });
}

/** Runs the command of `HEALTHCHECK`, as the engine does: inside, with the environment of the container. */
const probe = (image: Image, port: number): Promise<Outcome> =>
  runIn(
    sandboxOf(image, { ...environmentOf(image.stage), PORT: String(port) }),
    image.stage.healthcheck ?? ['false'],
  );

/** Tries to create a file in many places. Returns those where that succeeds. */
async function writable(sandbox: Sandbox): Promise<string[]> {
  const places = [DATA, '/tmp', ...PLACES];
  const script =
    'for place; do touch "$place/written" 2>/dev/null && echo "$place"; done; rm -f "$0/written"';
  const { output } = await runIn(sandbox, ['sh', '-c', script, DATA, ...places]);
  return output.split('\n').filter((line) => line !== '');
}

async function logIn({ baseUrl }: Container): Promise<string> {
  const { email, password } = ADA;
  const body = new URLSearchParams({ username: email, password });
  const response = await fetch(`${baseUrl}/auth/login`, { method: 'POST', body });
  equal(response.status, 200, 'the status of the login');
  const answer: unknown = await response.json();
  const token =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'access_token') : '';
  return String(token);
}

async function expectStatus(
  { baseUrl }: Container,
  path: string,
  expected: number,
  token?: string,
): Promise<void> {
  const headers: Record<string, string> =
    token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const response = await fetch(`${baseUrl}${path}`, { headers });
  await response.arrayBuffer();
  equal(response.status, expected, path);
}

function expectCode({ code, output }: Outcome, expected: number): void {
  if (code !== expected) throw new Error(`It ended with ${code}, not ${expected}:\n${output}`);
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [actual, expected].map((value) =>
    typeof value === 'bigint' ? String(value) : JSON.stringify(value),
  );
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}
