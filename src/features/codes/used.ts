import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { siteOf } from '../../core/network.ts';
import { eventsAt } from '../audit/event.ts';
import { typedName } from '../users/typed-name.ts';
import type { CodeHashes, CodeOwner, Purpose } from './code.ts';
import type { CodeStore, FoundCode } from './store.ts';

/** A link or a code as a caller presents it. */
export type Presented =
  | { readonly token: string }
  | { readonly username: string; readonly code: string }
  | { readonly owner: CodeOwner; readonly code: string };

/** Looks up the links and codes that callers present. */
export interface UsedCodes {
  /**
   * Finds a link or code, which stays valid until it is claimed. A wrong code counts against the account and its code.
   *
   * @throws AppError `invalid_code`
   */
  find(purpose: Purpose, presented: Presented, caller: Caller): Promise<FoundCode>;
  /** Finds a link of one of several purposes. @throws AppError `invalid_code` */
  findLink(purposes: readonly Purpose[], token: string): Promise<FoundCode>;
  /** The same as `find` for a code of a user who is logged in, sent to an address that only the code names. */
  findPending(purpose: Purpose, userId: number, code: string, caller: Caller): Promise<FoundCode>;
}

interface UsedCodeParts {
  readonly config: Pick<Config, 'defaultPhoneRegion'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codes: CodeStore;
  readonly codeHashes: CodeHashes;
}

export function createUsedCodes({ config, clock, codes, codeHashes }: UsedCodeParts): UsedCodes {
  const eventOf = eventsAt(clock);

  async function ownerOf(presented: Exclude<Presented, { token: string }>): Promise<CodeOwner> {
    if ('owner' in presented) return presented.owner;
    const { identifier } = typedName(presented.username, config.defaultPhoneRegion);
    const recipient = await codes.findRecipient(identifier, '');
    return { userId: recipient?.user.id ?? 0, address: identifier.normalized };
  }

  async function findLink(purposes: readonly Purpose[], token: string): Promise<FoundCode> {
    for (const purpose of purposes) {
      const found = await codes.find(purpose, codeHashes.ofLink(purpose, token));
      if (found) return found;
    }
    throw new AppError('invalid_code');
  }

  async function find(purpose: Purpose, presented: Presented, caller: Caller): Promise<FoundCode> {
    if ('token' in presented) return findLink([purpose], presented.token);
    const owner = await ownerOf(presented);
    const found = await codes.find(purpose, codeHashes.ofCode(purpose, owner, presented.code));
    if (found) return found;
    const detail = { purpose };
    const failure = eventOf(caller, null, 'code_rejected', { outcome: 'failure', detail });
    await codes.recordFailure(owner, purpose, failure, siteOf(caller.address ?? ''));
    throw new AppError('invalid_code');
  }

  return {
    find,
    findLink,

    async findPending(purpose, userId, code, caller) {
      const address = (await codes.findPending(userId, purpose)) ?? '';
      return find(purpose, { owner: { userId, address }, code }, caller);
    },
  };
}
