import { createAccounts } from '../accounts.ts';
import { readProfile } from '../load/requests.ts';
import { atLeast, figure, type Outcome, row } from '../outcome.ts';
import { type Context, type Scenario, weightOf } from '../scenario.ts';
import { findPython, startFastapi } from '../servers/fastapi.ts';
import { ratios } from '../statistics.ts';
import { readersOf } from './read.ts';
import { compareThroughput, figuresOf, notesOf } from './throughput.ts';

const READERS = 4;

async function run(context: Context): Promise<Outcome> {
  const { folder, options, pinning } = context;
  const python = findPython(options.pythons);
  if ('missing' in python) {
    return {
      notMeasured: `no Python with FastAPI (docs/bench.md says what it needs): ${python.missing}`,
    };
  }
  const { rival } = await readersOf(context, 'node');
  const server = await context.started(startFastapi(python.path, folder, pinning.server));
  const accounts = await createAccounts(server.port, READERS, 1);
  const tokens = accounts.flatMap(({ logins }) => logins.map(({ accessToken }) => accessToken));
  const twin = { name: 'FastAPI twin', server, requests: tokens.map(readProfile) };
  const all = await compareThroughput(context, [rival, twin]);
  const [own, other] = all;
  const times = ratios(own?.perSecond ?? [], other?.perSecond ?? []);
  return {
    rows: [row(atLeast(20), figure('GET /profile/me, of the FastAPI twin', 'times', times))],
    figures: figuresOf(all),
    notes: [...notesOf(all), `${python.versions}.`],
  };
}

export const fastapi: Scenario = {
  name: 'fastapi',
  title: 'GET /profile/me on Node against a FastAPI twin of the replaced backend',
  weight: (options) => 4 + weightOf(options, 2),
  run,
};
