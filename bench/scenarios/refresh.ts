import { createAccounts } from '../accounts.ts';
import { refresh as refreshRequest } from '../load/requests.ts';
import { atLeast, figure, row } from '../outcome.ts';
import { CONNECTIONS, type Scenario, weightOf } from '../scenario.ts';
import { startBare } from '../servers/bare.ts';
import { startLatchkey } from '../servers/latchkey.ts';
import { ratios } from '../statistics.ts';
import { byProcessorTime, compareThroughput, figuresOf, notesOf } from './throughput.ts';

const USERS = 8;

/** Each connection refreshes its own session, with the token from its last response. */
export const refresh: Scenario = {
  name: 'refresh',
  title: 'POST /auth/refresh on Node against bare Hono on the same server',
  weight: (options) => 2 + weightOf(options, 2),
  async run(context) {
    const { node, folder, pinning } = context;
    const core = pinning.server;
    const server = await context.started(startLatchkey({ node, folder, core }));
    const accounts = await createAccounts(server.port, USERS, CONNECTIONS / USERS);
    const logins = accounts.flatMap((account) => account.logins);
    const refreshTokens = logins.map(({ refreshToken }) => refreshToken);
    const tokens = logins[0]?.text ?? '{}';
    const bare = await context.started(startBare({ runtime: 'node', node, folder, tokens, core }));
    const requests = [refreshRequest()];
    const all = await compareThroughput(context, [
      { name: 'Latchkey on Node', server, requests, refreshTokens },
      { name: 'bare Hono on Node', server: bare, requests, refreshTokens },
    ]);
    const [own, other] = all;
    const share = ratios(own?.perSecond ?? [], other?.perSecond ?? []);
    return {
      rows: [row(atLeast(0.25), figure('POST /auth/refresh, Node, of bare Hono', 'share', share))],
      figures: [...byProcessorTime(own, other), ...figuresOf(all)],
      notes: notesOf(all),
    };
  },
};
