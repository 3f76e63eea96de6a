import type { Condition, Statement } from '../../core/db/change.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { NoticeStatements } from '../notices/service.ts';
import type { Actor } from './actor.ts';

/** One action on an account. */
export interface Action {
  readonly actor: Actor;
  readonly event: AuditEvent;
  /** Queues the notice to the owner of the account. */
  readonly notice?: NoticeStatements | undefined;
}

/** What an action does. */
export interface Effect {
  /** Must hold for the row of `users`. */
  readonly condition?: Condition | undefined;
  /** Replaces the detail of the event. */
  readonly detail?: Condition;
  /** The statements that apply it. Each must have the condition. */
  consequences(isDone: Condition): readonly Statement[];
}

/** Records an action if it is allowed, and applies what follows from it, in one batch. Returns false otherwise. */
export type Apply = (id: number, action: Action, effect: Effect) => Promise<boolean>;
