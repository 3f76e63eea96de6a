// Runs the fuzzer against one API.
import { type Answer, Api } from '../support/api.ts';
import { type Operation, operationsOf } from './document.ts';
import { foreignComplaints } from './foreign.ts';
import { createOracle } from './oracle.ts';
import { createPeople } from './people.ts';
import { type Plan, planAt } from './plan.ts';
import { rawComplaints, type Server } from './raw.ts';
import { send, show, toSent } from './sent.ts';

export interface Run extends Server {
  readonly seed: number;
  readonly count: number;
  /** The index of the first request. Defaults to 0. */
  readonly from?: number;
  readonly onProgress?: (done: number) => void;
}

export interface Tally {
  readonly requests: number;
  /** Number of responses per status. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** One raw request is sent for this many requests of `fetch`. */
const RAW_SHARE = 25;
/** In a run of this many requests, every operation must succeed at least once. */
const FULL_RUN = 4000;
/** In a run of this many requests, two thirds of the operations must succeed at least once. */
const SHORT_RUN = 500;

const FAILURE = 'The API does not conform to its document';

/**
 * Sends `count` requests, one after the other, and checks each response against the document. Then sends foreign
 * ids and raw requests, and checks the accounts.
 *
 * @throws Error with the seed, the request and the faults of its response
 */
export async function fuzz(run: Run): Promise<Tally> {
  const { baseUrl, seed, count, from = 0, onProgress } = run;
  const operations = operationsOf((await new Api(baseUrl).get('/openapi.json')).body);
  const people = await createPeople(baseUrl);
  const oracle = createOracle(operations);
  const succeeded = new Set<Operation>();
  const statuses = new Map<number, number>();

  for (let index = from; index < from + count; index++) {
    const plan = planAt(operations, seed, index);
    const sent = toSent(plan, people.knowledge.resolve, people.bearer);
    const answer = await send(baseUrl, sent).catch((cause: unknown) => {
      throw new Error(failure(run, index, plan, ['no response']), { cause });
    });
    const complaints = [
      ...oracle.complaintsOf(sent, answer),
      ...(await people.follow(plan, sent, answer)),
    ];
    if (complaints.length > 0) throw new Error(failure(run, index, plan, complaints, answer));
    if (answer.status < 300) succeeded.add(plan.operation);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    onProgress?.(index - from + 1);
  }

  const left = [
    ...(await foreignComplaints(baseUrl, operations, people, oracle)),
    ...(await rawComplaints(run, operations, seed, Math.floor(count / RAW_SHARE))),
    ...(await people.complaints()),
  ];
  const idle = operations.filter((operation) => !succeeded.has(operation));
  const tolerated = count >= FULL_RUN ? 0 : count >= SHORT_RUN ? operations.length / 3 : Infinity;
  if (idle.length > tolerated) {
    left.push(`no request succeeded for ${idle.map(({ id }) => id).join(', ')}`);
  }
  if (left.length > 0) {
    throw new Error([`${FAILURE}, seed ${seed}, after ${count} requests:`, ...left].join('\n- '));
  }
  return { requests: count, statuses };
}

/** Redacts the tokens in a response, and truncates it. */
const withoutTokens = (text: string): string =>
  text.replaceAll(/[\w-]{16,}\.[\w-]+\.[\w-]{16,}/g, '⟦token⟧').slice(0, 2000);

function failure(
  { seed }: Run,
  index: number,
  plan: Plan,
  complaints: readonly string[],
  answer?: Answer,
): string {
  const lines = [`${FAILURE}, seed ${seed}, request ${index}:`, ...complaints.map((c) => `- ${c}`)];
  lines.push('', show(plan));
  if (answer) {
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
    lines.push('', `answered ${answer.status}`, ...headers, withoutTokens(answer.text));
  }
  lines.push(
    '',
    `To repeat this request alone: npm run test:fuzz -- --seed ${seed} --at ${index}`,
    `With the requests before it: npm run test:fuzz -- --seed ${seed} --count ${index + 1} --target NAME`,
  );
  return lines.join('\n');
}
