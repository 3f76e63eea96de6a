// `npm run test:timing`: measures [S14] and [S65] over HTTP, against a real server with a database file.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostOffice } from '../support/post-office.ts';
import { bareEnvironment, startProcess } from '../support/process.ts';
import { seededNumbers } from '../support/seeded.ts';
import { LISTENING, SERVERS } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';
import { NO_LIMITS } from '../support/test-app.ts';
import { type Arguments, readArguments, USAGE } from './arguments.ts';
import { createRoutes, type Route } from './cases.ts';
import { judge, TOLERANCE } from './judgement.ts';
import { measure, OverloadedError, WARM_UP } from './measure.ts';
import { createPeople, ROUNDS } from './people.ts';
import { type Row, renderTable, tallyOf } from './report.ts';
import { createTimedClient, type TimedClient } from './timed-client.ts';

const TOO_NOISY = 'too noisy';

function readCommandLine(): Arguments {
  try {
    const given = readArguments(process.argv.slice(2), randomInt);
    if (given !== 'help') return given;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(1);
  }
}

async function judgeRoute(route: Route, client: TimedClient, given: Arguments): Promise<Row[]> {
  const { rounds, tries, seed } = given;
  const begun = performance.now();
  const plan = { rounds, tries: tries * route.factor, random: seededNumbers(seed) };
  const { samples, strayed, expected } = await measure(route, client.send, plan, (round) => {
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    console.log(`${route.title}: round ${round} of ${rounds}, ${seconds} s`);
  });
  const rows = judge(samples).map((one) => ({ ...one, hasSameAnswer: !strayed.has(one.name) }));
  console.log(`\n${route.title}\n${renderTable(rows)}\n`);
  if (strayed.size > 0) console.log(`The first case is answered:\n${expected}\n`);
  for (const [name, answer] of strayed) console.log(`${name} is answered:\n${answer}\n`);
  return rows;
}

async function run(given: Arguments): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-timing-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const databaseUrl = `file:${join(folder, 'latchkey.db')}`;
  const [command = '', ...args] = SERVERS[given.target]();
  const post = await openPostOffice();
  const server = await startProcess({
    label: given.target,
    command,
    args,
    cwd: folder,
    env: {
      ...bareEnvironment(),
      ...NO_LIMITS,
      APP_ENV: 'production',
      SECRET_KEY: 'a secret for tests, long enough to sign with',
      PORT: '0',
      PASSWORD_ROUNDS: String(ROUNDS),
      DATABASE_URL: databaseUrl,
      PUBLIC_URL: 'https://id.example.com',
      ...post.settings,
    },
    ready: LISTENING,
  });
  // The server is in a process group of its own, which an interrupt does not reach.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.stop().then(() => process.exit(130)));
  }
  const baseUrl = server.match[1] ?? '';
  const client = createTimedClient(baseUrl);
  try {
    console.log('creating accounts, and locking some of them');
    const people = await createPeople(baseUrl, databaseUrl);
    const routes = await createRoutes(people, given.rounds * given.tries + WARM_UP + 1);
    people.close();
    const rows: Row[] = [];
    for (const route of routes) rows.push(...(await judgeRoute(route, client, given)));
    return rows;
  } finally {
    client.close();
    await server.stop();
    post.close();
  }
}

async function main(given: Arguments): Promise<number> {
  const { target, rounds, tries, seed } = given;
  console.log(`seed ${seed}: ${rounds} rounds of ${tries} tries of each case, on ${target}`);
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  if (build.status !== 0) return 1;
  try {
    const { passed, failed, exitCode } = tallyOf(await run(given));
    if (exitCode === 2) {
      const percent = TOLERANCE * 100;
      console.log(
        `${TOO_NOISY}: two identical cases differ by more than ${percent}%; ` +
          'try again when the machine is less busy',
      );
    }
    console.log(`\n${passed} passed, ${failed} failed`);
    return exitCode;
  } catch (error) {
    const isNoise = error instanceof OverloadedError;
    console.error(isNoise ? `${TOO_NOISY}: ${error.message}` : error);
    console.log('\n0 passed, 1 failed');
    return isNoise ? 2 : 1;
  }
}

process.exitCode = await main(readCommandLine());
