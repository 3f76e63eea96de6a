import { AppError } from '../../core/errors.ts';
import { empty, json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { isoTime } from '../../core/time.ts';
import { eventsAt } from '../audit/event.ts';
import type { SessionStore } from '../sessions/store.ts';
import { listDevices, removeDevice } from './contract.ts';
import type { Device, DeviceStore } from './store.ts';

interface DeviceParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly devices: DeviceStore;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy' | 'findLive'>;
}

export function deviceFeature({ clock, devices, sessions }: DeviceParts): Feature {
  const eventOf = eventsAt(clock);
  return {
    addRoutes({ add }) {
      add(listDevices, async (c) => {
        const list = await devices.list(c.get('user').id);
        return json(c, { items: list.map(toView) }, 200);
      });

      add(removeDevice, async (c) => {
        const { id } = c.req.valid('param');
        const userId = c.get('user').id;
        const sessionId = c.get('session').id;
        const isLoggedIn = sessions.isLoggedInBy(sessionId);
        const event = eventOf(c.get('caller'), userId, 'device_remove', { detail: { device: id } });
        if (await devices.remove(id, userId, isLoggedIn, event)) return empty(c, 204);
        const isLive = await sessions.findLive(sessionId, userId);
        throw new AppError(isLive ? 'not_found' : 'invalid_token');
      });
    },
    jobs: [{ name: 'known_devices', removeSome: (limit) => devices.removeExpired(limit) }],
  };
}

const toView = ({ id, createdAt, lastUsedAt, expiresAt, userAgent, address }: Device) => ({
  id,
  created_at: isoTime(createdAt),
  last_used_at: isoTime(lastUsedAt),
  expires_at: isoTime(expiresAt),
  user_agent: userAgent,
  address,
});
