import { empty, json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { Logger } from '../../core/log.ts';
import { requesterOf } from '../codes/requester.ts';
import type { SessionStore } from '../sessions/store.ts';
import {
  changeEmail,
  changePhone,
  confirmEmail,
  confirmPhone,
  undoEmail,
  undoPhone,
} from './contract.ts';
import type { AddressService } from './service.ts';
import type { AddressStore } from './store.ts';

interface AddressFeatureParts {
  readonly addressService: AddressService;
  readonly addresses: Pick<AddressStore, 'removeExpired'>;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy' | 'isFreshlyLoggedInBy'>;
  readonly log: Logger;
}

/** Changes email addresses and phone numbers, and undoes it. */
export const addressFeature = ({
  addressService,
  addresses,
  sessions,
  log,
}: AddressFeatureParts): Feature => ({
  addRoutes({ add }) {
    add(changeEmail, async (c) => {
      const { email } = c.req.valid('json');
      const isFresh = sessions.isFreshlyLoggedInBy(c.get('session').id);
      const requester = requesterOf(c, log);
      await addressService.request(c.get('user'), 'email', email, requester, isFresh);
      return json(c, {}, 202);
    });

    add(confirmEmail, async (c) => {
      await addressService.confirm(c.req.valid('json'), 'email', requesterOf(c, log));
      return empty(c, 204);
    });

    add(undoEmail, async (c) => {
      await addressService.undo(c.req.valid('json').token, 'email', c.get('caller'));
      return empty(c, 204);
    });

    add(changePhone, async (c) => {
      const { phone } = c.req.valid('json');
      const isFresh = sessions.isFreshlyLoggedInBy(c.get('session').id);
      const requester = requesterOf(c, log);
      await addressService.request(c.get('user'), 'phone', phone, requester, isFresh);
      return json(c, {}, 202);
    });

    add(confirmPhone, async (c) => {
      await addressService.confirmByCode(
        c.get('user'),
        c.req.valid('json').code,
        requesterOf(c, log),
        sessions.isLoggedInBy(c.get('session').id),
      );
      return empty(c, 204);
    });

    add(undoPhone, async (c) => {
      await addressService.undo(c.req.valid('json').token, 'phone', c.get('caller'));
      return empty(c, 204);
    });
  },
  jobs: [{ name: 'reserved_addresses', removeSome: (limit) => addresses.removeExpired(limit) }],
});
