import { createClient } from '@libsql/client';
import { onTestFinished } from 'vitest';

/** The counts that {@link countsIn} returns for a database without partial writes. */
export const AS_A_WHOLE = {
  withoutSignUp: 0,
  otherLogins: 0,
  otherVersions: 0,
  otherBios: 0,
  ofNobody: 0,
};

/**
 * Counts users, and users or events that violate an invariant. Expects a load whose profile writes set the biography to
 * the next number. A change and its event are one batch, so neither may exist without the other.
 */
export async function countsIn(url: string) {
  const client = createClient({ url });
  onTestFinished(() => client.close());
  const count = async (sql: string) => Number((await client.execute(sql)).rows[0]?.[0]);
  const events = (action: string) =>
    `(select count(*) from audit_events e where e.subject_id = u.id and e.action = '${action}' and e.outcome = 'success')`;
  const counts = {
    users: await count('select count(*) from users'),
    withoutSignUp: await count(`select count(*) from users u where ${events('signup')} <> 1`),
    otherLogins: await count(
      `select count(*) from users u where ${events('login')} <> (select count(*) from sessions s where s.user_id = u.id)`,
    ),
    otherVersions: await count(
      `select count(*) from users u where ${events('profile_update')} <> u.version - 1`,
    ),
    otherBios: await count(
      `select count(*) from users where version > 1 and cast(bio as integer) <> version - 1`,
    ),
    ofNobody: await count(
      'select count(*) from audit_events where subject_id not in (select id from users)',
    ),
  };
  client.close();
  return counts;
}
