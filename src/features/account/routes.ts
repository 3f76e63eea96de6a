import { empty } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { requesterOf } from '../codes/requester.ts';
import { deleteAccount } from './contract.ts';
import type { AccountService } from './service.ts';
import type { AccountStore } from './store.ts';

interface AccountFeatureParts {
  readonly accounts: Pick<AccountStore, 'clearEvents' | 'removeCleared'>;
  readonly accountService: AccountService;
  readonly log: Logger;
}

/** Deletes accounts. */
export const accountFeature = ({
  accounts,
  accountService,
  log,
}: AccountFeatureParts): Feature => ({
  addRoutes({ add }) {
    add(deleteAccount, async (c) => {
      const loggedIn = { user: c.get('user'), session: c.get('session') };
      await accountService.deleteAccount(loggedIn, requesterOf(c, log));
      return empty(c, 204);
    });
  },
  jobs: [
    { name: 'deleted_account_events', removeSome: (limit) => accounts.clearEvents(limit) },
    { name: 'deleted_accounts', removeSome: (limit) => accounts.removeCleared(limit) },
  ],
});
