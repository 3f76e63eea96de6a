import { ask, createAccounts } from '../accounts.ts';
import { readProfile } from '../load/requests.ts';
import { atLeast, figure, type Measured, row } from '../outcome.ts';
import { type Context, type Scenario, weightOf } from '../scenario.ts';
import { startBare } from '../servers/bare.ts';
import { type Runtime, startLatchkey } from '../servers/latchkey.ts';
import { ratios } from '../statistics.ts';
import {
  byProcessorTime,
  compareThroughput,
  figuresOf,
  notesOf,
  type Rival,
} from './throughput.ts';

const READERS = 4;

const LABELS: Record<Runtime, string> = { node: 'Node', bun: 'Bun', deno: 'Deno' };

/** Starts Latchkey with logged-in users, and prepares the requests that read their profiles. */
export async function readersOf(
  context: Context,
  runtime: Runtime,
): Promise<{ readonly rival: Rival; readonly profile: string }> {
  const { node, folder, pinning } = context;
  const server = await context.started(
    startLatchkey({ runtime, node, folder, core: pinning.server }),
  );
  const accounts = await createAccounts(server.port, READERS, 1);
  const tokens = accounts.flatMap(({ logins }) => logins.map(({ accessToken }) => accessToken));
  const profile = await ask(server.port, '/profile/me', {
    headers: { Authorization: `Bearer ${tokens[0]}` },
  });
  const name = `Latchkey on ${LABELS[runtime]}`;
  return { rival: { name, server, requests: tokens.map(readProfile) }, profile };
}

async function run(context: Context, runtime: Runtime, bound: number): Promise<Measured> {
  const { node, folder, pinning } = context;
  const { rival, profile } = await readersOf(context, runtime);
  const bare = await context.started(
    startBare({ runtime, node, folder, profile, core: pinning.server }),
  );
  const all = await compareThroughput(context, [
    rival,
    { name: `bare Hono on ${LABELS[runtime]}`, server: bare, requests: rival.requests },
  ]);
  const [own, other] = all;
  const label = `GET /profile/me, ${LABELS[runtime]}, of bare Hono`;
  const share = figure(label, 'share', ratios(own?.perSecond ?? [], other?.perSecond ?? []));
  return {
    rows: [row(atLeast(bound), share)],
    figures: [...byProcessorTime(own, other), ...figuresOf(all)],
    notes: notesOf(all),
  };
}

const readScenario = (runtime: Runtime, bound: number): Scenario => ({
  name: `read-${runtime}`,
  title: `GET /profile/me on ${LABELS[runtime]} against bare Hono on the same server`,
  weight: (options) => weightOf(options, 2),
  run: (context) => run(context, runtime, bound),
});

export const readNode = readScenario('node', 0.5);
export const readBun = readScenario('bun', 0.4);
export const readDeno = readScenario('deno', 0.4);
