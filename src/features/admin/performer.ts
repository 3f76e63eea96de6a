import { AppError } from '../../core/errors.ts';
import type { ErrorCode } from '../../core/problems.ts';
import { type AuditAction, type AuditEvent, eventsAt } from '../audit/event.ts';
import { storedLocale } from '../messages/locale.ts';
import type { Messages } from '../messages/service.ts';
import type { Notice, Notices } from '../notices/service.ts';
import { ADMIN } from '../roles/role.ts';
import { isFresh } from '../sessions/session.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { Account } from './account.ts';
import type { Action } from './action.ts';
import type { Act, Actor } from './actor.ts';
import type { AdminStore } from './store.ts';

/** How often an action is tried whose account others change at the same time. */
const MAX_ATTEMPTS = 4;

/** How an action is carried out. */
export interface Plan {
  readonly name: AuditAction;
  readonly detail?: Readonly<Record<string, readonly string[]>>;
  /** The notice that reports it. */
  readonly notice?: Notice['kind'];
  apply(action: Action, account: Account): Promise<boolean>;
  /** True for an account that the action would not change. */
  isDone?(account: Account): boolean;
}

export interface PerformerParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly messages: Pick<Messages, 'kick'>;
  readonly notices: Pick<Notices, 'prepare'>;
  readonly sessions: Pick<SessionStore, 'findMember'>;
}

/** Carries actions out, and finds out why one was not. */
export interface Performer {
  /** @throws AppError `not_found` */
  find(id: number, actor: Actor): Promise<Account>;
  /** @throws AppError for an administrator who may not act any more, with the reason */
  requireActor(actor: Actor): Promise<void>;
  /** Rejects an action: with what is wrong with the actor, if anything is. */
  reject(actor: Actor, code: ErrorCode): Promise<never>;
  eventFor(act: Act, plan: Pick<Plan, 'name' | 'detail'>): AuditEvent;
  /** Carries an action out, with its notice. @throws AppError as `AdminService` says */
  run(id: number, act: Act, plan: Plan): Promise<void>;
  /** The same. Returns the account as it is then. */
  runAndFind(id: number, act: Act, plan: Plan): Promise<Account>;
}

export function createPerformer(
  { clock, messages, notices, sessions }: PerformerParts,
  store: Pick<AdminStore, 'find' | 'isLastAdmin' | 'wasApplied'>,
): Performer {
  const eventOf = eventsAt(clock);

  async function requireActor(actor: Actor): Promise<void> {
    if (actor.kind === 'operator') return;
    const found = await sessions.findMember(actor.session.id, actor.user.id);
    if (!found) throw new AppError('invalid_token');
    if (!found.roles.includes(ADMIN)) throw new AppError('forbidden');
    if (!isFresh(found.session, clock())) throw new AppError('reauthentication_required');
  }

  async function reject(actor: Actor, code: ErrorCode): Promise<never> {
    await requireActor(actor);
    throw new AppError(code);
  }

  const find = async (id: number, actor: Actor): Promise<Account> =>
    (await store.find(id)) ?? (await reject(actor, 'not_found'));

  function eventFor(
    { actor, caller, reason }: Act,
    { name, detail }: Pick<Plan, 'name' | 'detail'>,
  ) {
    const operator = actor.kind === 'operator' ? { operator: actor.name } : {};
    const actorId = actor.kind === 'admin' ? actor.user.id : null;
    return eventOf(caller, actorId, name, { detail: { ...detail, reason, ...operator } });
  }

  const noticeOf = (kind: Notice['kind'] | undefined, user: Account, { caller }: Act) =>
    kind && notices.prepare({ kind, user, locale: storedLocale(user.locale), trace: caller.trace });

  async function run(id: number, act: Act, plan: Plan): Promise<void> {
    const { actor, later } = act;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const account = await find(id, actor);
      const notice = await noticeOf(plan.notice, account, act);
      const action = { actor, event: eventFor(act, plan), notice };
      if ((await plan.apply(action, account)) || (await store.wasApplied(id, action))) {
        messages.kick(later);
        return;
      }
      await requireActor(actor);
      if (plan.isDone?.(await find(id, actor))) return;
      if (await store.isLastAdmin(id)) throw new AppError('last_admin');
      // Another action has changed the account in between.
    }
    throw new AppError('database_unavailable');
  }

  async function runAndFind(id: number, act: Act, plan: Plan): Promise<Account> {
    await run(id, act, plan);
    return find(id, act.actor);
  }

  return { find, requireActor, reject, eventFor, run, runAndFind };
}
