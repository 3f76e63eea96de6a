import { userInfo } from 'node:os';
import type { Caller } from '../../../core/caller.ts';
import type { Later } from '../../../core/ports.ts';
import type { Act } from '../../../features/admin/actor.ts';

/** The options of every subcommand. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** The options of every subcommand that changes something. */
export interface ActOptions extends OutputOptions {
  readonly operator?: string;
  readonly reason: string;
  readonly yes?: boolean;
}

export const wantsJson = ({ json = false }: OutputOptions): boolean => json;

export const MAX_OPERATOR_LENGTH = 64;
export const DEFAULT_REASON = 'by the program';

/** Returns the action of the operator who runs the program. */
export const actOf = ({ operator = operatorName(), reason }: ActOptions, later: Later): Act => ({
  actor: { kind: 'operator', name: operator },
  reason,
  later,
  caller: callerOfProgram(),
});

/** The program has no address. Its request id is new. */
export const callerOfProgram = (): Caller => ({
  requestId: crypto.randomUUID(),
  address: null,
  network: null,
  userAgent: null,
});

/** The name of the user who runs the program. Under `sudo`, the user who has called it. */
export function operatorName(): string {
  const name = process.env.SUDO_USER || userName();
  return [...name.toWellFormed()].slice(0, MAX_OPERATOR_LENGTH).join('');
}

/** A container may run as a user without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
