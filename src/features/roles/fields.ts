import { z } from '@hono/zod-openapi';
import { MAX_ROLES, ROLE } from './role.ts';

const roleField = z
  .string()
  .regex(ROLE, 'must have 1 to 32 lower-case letters, digits, underscores and hyphens');

export const rolesField = z
  .array(roleField)
  .max(MAX_ROLES, `must have at most ${MAX_ROLES} roles`)
  .openapi({
    description: `The roles of the account, at most ${MAX_ROLES}. Here, \`admin\` may do everything and \`support\` may read; all others mean what your services agree on.`,
    example: ['support'],
  });
