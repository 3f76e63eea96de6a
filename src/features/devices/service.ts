import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { Device, DeviceStore } from './store.ts';

export interface DeviceService {
  /** The devices of a user whose tokens have not expired, the last used first. */
  list(userId: number): Promise<Device[]>;
  /**
   * Removes a device of a user who is logged in.
   *
   * @throws AppError `not_found` if the user has no such device; `invalid_token` if the session has ended
   */
  remove(
    id: string,
    owner: { readonly id: number; readonly sessionId: string },
    caller: Caller,
  ): Promise<void>;
}

export interface DeviceParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly devices: Pick<DeviceStore, 'list' | 'remove'>;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy' | 'findLive'>;
}

export function createDeviceService({ clock, devices, sessions }: DeviceParts): DeviceService {
  const eventOf = eventsAt(clock);
  return {
    list: (userId) => devices.list(userId),

    async remove(id, { id: userId, sessionId }, caller) {
      const event = eventOf(caller, userId, 'device_remove', { detail: { device: id } });
      const isLoggedIn = sessions.isLoggedInBy(sessionId);
      if (await devices.remove(id, userId, isLoggedIn, event)) return;
      const isLive = await sessions.findLive(sessionId, userId);
      throw new AppError(isLive ? 'not_found' : 'invalid_token');
    },
  };
}
