import type { Condition, OnlyIf } from '../../core/db/change.ts';
import type { DeviceStore } from '../devices/store.ts';
import type { SessionStore } from '../sessions/store.ts';
import { OF_ACCESS } from './code.ts';
import type { CodeStore } from './store.ts';

/** The stores of what can act for an account. */
export interface AccessParts {
  readonly codes: Pick<CodeStore, 'end'>;
  readonly devices: Pick<DeviceStore, 'endAllOf'>;
  readonly sessions: Pick<SessionStore, 'endAllOf'>;
}

/** Ends all that could still act for an account, except links that undo a change, if the condition holds. */
export const endAccess = (
  { codes, devices, sessions }: AccessParts,
  userId: number,
  condition: Condition,
): readonly OnlyIf[] => [
  sessions.endAllOf(userId, condition),
  devices.endAllOf(userId, condition),
  codes.end(userId, condition, { purposes: OF_ACCESS }),
];
