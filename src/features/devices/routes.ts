import { empty, json } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { isoTime } from '../../core/time.ts';
import { listDevices, removeDevice } from './contract.ts';
import { createDeviceService, type DeviceParts } from './service.ts';
import type { Device, DeviceStore } from './store.ts';

export function deviceFeature(
  parts: DeviceParts & { readonly devices: Pick<DeviceStore, 'removeExpired'> },
): Feature {
  const { devices } = parts;
  const service = createDeviceService(parts);
  return {
    addRoutes({ add }) {
      add(listDevices, async (c) => {
        const list = await service.list(c.get('user').id);
        return json(c, { items: list.map(toView) }, 200);
      });

      add(removeDevice, async (c) => {
        const owner = { id: c.get('user').id, sessionId: c.get('session').id };
        await service.remove(c.req.valid('param').id, owner, c.get('caller'));
        return empty(c, 204);
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
