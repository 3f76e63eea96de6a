// A run of the fuzzer against one API.
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
  /** The index of the first request; 0 where it is not given. */
  readonly from?: number;
  readonly onProgress?: (done: number) => void;
}

export interface Tally {
  readonly requests: number;
  /** How often each status was given. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** One of so many is sent as raw bytes, past what `fetch` lets through. */
const RAW_SHARE = 25;
/** From here on every operation has had its chance to succeed; before, a run that mostly fails is none. */
const FULL_RUN = 4000;
const SHORT_RUN = 500;

const FAILURE = 'The API does not keep to its document';

/**
 * Sends so many requests, one after the other, and holds each answer against the document.
 *
 * @throws Error with the seed, the request and what is wrong with its answer
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
      throw new Error(failure(run, index, plan, ['no answer came']), { cause });
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
    left.push(`no request succeeded to ${idle.map(({ id }) => id).join(', ')}`);
  }
  if (left.length > 0) {
    throw new Error([`${FAILURE}, seed ${seed}, after ${count} requests:`, ...left].join('\n- '));
  }
  return { requests: count, statuses };
}

/** An answer without the tokens in it. */
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
    `This request alone: npm run test:fuzz -- --seed ${seed} --at ${index}`,
    `With those before it: npm run test:fuzz -- --seed ${seed} --count ${index + 1} --target NAME`,
  );
  return lines.join('\n');
}
