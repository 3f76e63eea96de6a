// Sends one user's token with another user's ids, wherever the document accepts a value.
import fc from 'fast-check';
import type { Operation } from './document.ts';
import type { Oracle } from './oracle.ts';
import type { People } from './people.ts';
import type { Plan } from './plan.ts';
import { send, show, toSent } from './sent.ts';
import type { Members } from './tree.ts';
import { membersOf } from './values.ts';

const ID_NAMES = ['id', 'user_id', 'userId', 'sub', 'sid', 'session_id', 'account'] as const;

/**
 * Plans for every operation that requires a token, with each foreign id in each of its parameters, and in members
 * of its body that the schema does not name.
 */
export function foreignPlans(operations: readonly Operation[], ids: readonly string[]): Plan[] {
  return operations
    .filter(({ isProtected }) => isProtected)
    .flatMap((operation) => {
      const { method, parameters } = operation;
      const common = {
        kind: 'hostile',
        operation,
        method,
        credential: 'first',
        headers: [],
      } as const;
      const given = ids.flatMap((id) => {
        const path = parameters.filter((one) => one.in === 'path');
        const others = parameters.filter((one) => one.in !== 'path');
        return [path, ...others.map((one) => [...path, one])].map(
          (some): Plan => ({ ...common, parameters: some.map((one) => [one, id] as const) }),
        );
      });
      const bodies = [...operation.bodies].flatMap(([type, schema]) =>
        ids.map((id): Plan => {
          const sample = fc.sample(membersOf(schema, { index: 0, weight: 0 }), {
            seed: 1,
            numRuns: 1,
          });
          const members: Members['members'] = [
            ...(sample[0]?.members ?? []),
            ...ID_NAMES.map((name) => [name, id] as const),
          ];
          return {
            ...common,
            parameters: [],
            body: { type, tree: { members }, encoding: 'UTF-8' },
          };
        }),
      );
      return operation.bodies.size > 0 ? bodies : given;
    });
}

/**
 * Sends the {@link foreignPlans}. A request with a foreign id in its path must be rejected, and no response may
 * contain the foreign session id. `people.complaints` checks later that the other account is unchanged.
 */
export async function foreignComplaints(
  baseUrl: string,
  operations: readonly Operation[],
  people: People,
  oracle: Oracle,
): Promise<readonly string[]> {
  const complaints: string[] = [];
  for (const plan of foreignPlans(operations, people.foreignIds)) {
    const sent = toSent(plan, people.knowledge.resolve, people.bearer);
    const answer = await send(baseUrl, sent);
    const found = [
      ...oracle.complaintsOf(sent, answer),
      ...(await people.follow(plan, sent, answer)),
    ];
    const isNamed = plan.parameters.some(([parameter]) => parameter.in === 'path');
    if (isNamed && answer.status < 400) found.push('[S29] an id of another account is accepted');
    if (people.foreignIds.slice(0, 1).some((id) => answer.text.includes(id))) {
      found.push('[S29] the response contains the session id of another account');
    }
    complaints.push(...found.map((one) => `${one}: ${show(plan)}\nanswered ${answer.status}`));
  }
  return complaints;
}
