import type { Context } from 'hono';
import { empty, json } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { LaterContext } from '../../core/http/later.ts';
import type { Logger } from '../../core/log.ts';
import { requesterOf } from '../codes/requester.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { ProfileView } from '../users/profile.ts';
import { mergePatchOf, type User } from '../users/user.ts';
import type { Act } from './actor.ts';
import { createAccountView } from './fields.ts';
import type { AdminService } from './service.ts';
import {
  disableUser,
  enableUser,
  inviteUser,
  removeUser,
  requireUserReset,
  setUserRoles,
  signOutUser,
  unlockUser,
  updateUser,
} from './write-contract.ts';

interface AdminWriteParts {
  readonly admins: AdminService;
  readonly log: Logger;
  readonly profileOf: ProfileView;
}

/** The context of a handler behind the guard `admin`. */
type AdminContext = LaterContext &
  Pick<Context<Env & { Variables: { user: User; session: LiveSession } }>, 'req' | 'get'>;

/** Administers accounts by the API. */
export const adminWriteFeature = ({ admins, log, profileOf }: AdminWriteParts): Feature => {
  const viewOf = createAccountView(profileOf);

  function actIn(c: AdminContext, { reason }: { readonly reason: string }): Act {
    const { caller, later } = requesterOf(c, log);
    const actor = { kind: 'admin', user: c.get('user'), session: c.get('session') } as const;
    return { actor, caller, later, reason };
  }

  return {
    addRoutes({ add }) {
      add(inviteUser, async (c) => {
        const { email, phone, name, roles, locale = 'en' } = c.req.valid('json');
        const invitation = {
          ...{ email: email ?? undefined, phone: phone ?? undefined, name: name ?? undefined },
          ...{ roles, locale },
        };
        const act = actIn(c, c.req.valid('json'));
        return json(c, viewOf(await admins.invite(invitation, act), c.req.url), 201);
      });

      add(updateUser, async (c) => {
        const { email, phone, avatar_url: avatar, ...profile } = c.req.valid('json');
        const patch = {
          ...mergePatchOf(profile),
          ...(email === null && { email }),
          ...(phone === null && { phone }),
          ...(avatar === null && { avatarKey: avatar }),
        };
        const act = actIn(c, c.req.valid('json'));
        const account = await admins.update(idIn(c.req.valid('param')), patch, act);
        return json(c, viewOf(account, c.req.url), 200);
      });

      add(removeUser, async (c) => {
        await admins.remove(idIn(c.req.valid('param')), actIn(c, c.req.valid('query')));
        return empty(c, 204);
      });

      add(disableUser, async (c) => {
        const act = actIn(c, c.req.valid('json'));
        return json(
          c,
          viewOf(await admins.disable(idIn(c.req.valid('param')), act), c.req.url),
          200,
        );
      });

      add(enableUser, async (c) => {
        const act = actIn(c, c.req.valid('json'));
        return json(
          c,
          viewOf(await admins.enable(idIn(c.req.valid('param')), act), c.req.url),
          200,
        );
      });

      add(unlockUser, async (c) => {
        const act = actIn(c, c.req.valid('json'));
        return json(
          c,
          viewOf(await admins.unlock(idIn(c.req.valid('param')), act), c.req.url),
          200,
        );
      });

      add(requireUserReset, async (c) => {
        const act = actIn(c, c.req.valid('json'));
        return json(
          c,
          viewOf(await admins.requireReset(idIn(c.req.valid('param')), act), c.req.url),
          200,
        );
      });

      add(signOutUser, async (c) => {
        const act = actIn(c, c.req.valid('json'));
        return json(
          c,
          viewOf(await admins.signOut(idIn(c.req.valid('param')), act), c.req.url),
          200,
        );
      });

      add(setUserRoles, async (c) => {
        const { roles } = c.req.valid('json');
        const act = actIn(c, c.req.valid('json'));
        const account = await admins.setRoles(idIn(c.req.valid('param')), roles, act);
        return json(c, viewOf(account, c.req.url), 200);
      });
    },
  };
};

const idIn = ({ id }: { readonly id: string }): number => Number(id);
