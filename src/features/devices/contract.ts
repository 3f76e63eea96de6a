import { z } from '@hono/zod-openapi';
import { timeField } from '../../core/http/fields.ts';
import { operation } from '../../core/http/operation.ts';
import { user } from '../sessions/guards.ts';

const common = { tags: ['sessions'], guard: user };

const EXAMPLE_ID = 'q1V0c2Z3bGfUxkB0bqN5sA';
const deviceIdField = z.string().min(1).max(128);

const deviceSchema = z
  .object({
    id: deviceIdField.openapi({ description: 'Device id.', example: EXAMPLE_ID }),
    created_at: timeField.openapi({ description: 'Time of the first login (RFC 3339, UTC).' }),
    last_used_at: timeField.openapi({
      description: 'Time of the last login with its token (RFC 3339, UTC).',
    }),
    expires_at: timeField.openapi({
      description: 'Time at which its token expires unless it is used (RFC 3339, UTC).',
    }),
    user_agent: z.string().nullable().openapi({
      description: 'User-Agent of the last login.',
      example: 'curl/8.5.0',
    }),
    address: z
      .string()
      .nullable()
      .openapi({ description: 'IP address of the last login.', example: '203.0.113.7' }),
  })
  .openapi('Device', { description: 'A device that logins recognize by its token.' });

export const listDevices = operation({
  ...common,
  operationId: 'listDevices',
  method: 'get',
  path: '/auth/devices',
  summary: 'List your devices',
  description:
    'Returns the devices that logins recognize by their `device_token`, the last used first. At most 20.',
  answers: {
    200: {
      description: 'Your devices.',
      content: {
        'application/json': {
          schema: z
            .object({ items: z.array(deviceSchema).openapi({ description: 'The devices.' }) })
            .openapi('Devices', { description: 'Your devices.' }),
        },
      },
    },
  },
});

export const removeDevice = operation({
  ...common,
  operationId: 'removeDevice',
  method: 'delete',
  path: '/auth/devices/{id}',
  summary: 'Remove a device',
  description:
    'The token of the device has no effect from the next login on. Its sessions continue. Returns 404 for an id that is not one of your devices.',
  request: {
    params: z.object({
      id: deviceIdField.openapi({
        param: { name: 'id', in: 'path' },
        description: 'The `id` of one of your devices.',
        example: EXAMPLE_ID,
      }),
    }),
  },
  fails: ['not_found', 'validation_failed'],
  answers: {
    204: { description: 'The device was removed.' },
  },
});
