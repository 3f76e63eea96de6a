import type { Account } from '../../../features/admin/account.ts';
import type { Act } from '../../../features/admin/actor.ts';
import type { AdminService } from '../../../features/admin/service.ts';

/** A subcommand that does one thing to one account. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** What is lost: asked before it happens. Undefined if nothing is. */
  readonly loss?: string;
  /** The same in the past, before the name of the account. */
  readonly done: string;
  /** Returns the account; undefined once it is deleted. */
  run(service: AdminService, id: number, act: Act): Promise<Account | undefined>;
}

export const VERBS: readonly Verb[] = [
  {
    name: 'disable',
    summary: 'Disable an account: ends its sessions and rejects logins until it is enabled.',
    loss: 'This ends its sessions and devices, and rejects its logins until it is enabled.',
    done: 'Disabled',
    run: (service, id, act) => service.disable(id, act),
  },
  {
    name: 'enable',
    summary: 'Enable a disabled account.',
    done: 'Enabled',
    run: (service, id, act) => service.enable(id, act),
  },
  {
    name: 'unlock',
    summary: 'Clear the lockouts after wrong passwords and codes.',
    done: 'Unlocked',
    run: (service, id, act) => service.unlock(id, act),
  },
  {
    name: 'sign-out',
    summary: 'End all sessions and devices of an account.',
    loss: 'This ends its sessions and devices.',
    done: 'Signed out',
    run: (service, id, act) => service.signOut(id, act),
  },
  {
    name: 'delete',
    summary: 'Delete an account with all that belongs to it.',
    loss: 'This deletes all that belongs to it, and cannot be undone.',
    done: 'Deleted',
    async run(service, id, act) {
      await service.remove(id, act);
      return undefined;
    },
  },
];
