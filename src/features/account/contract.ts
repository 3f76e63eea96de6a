import { operation } from '../../core/http/operation.ts';
import { fresh } from '../sessions/guards.ts';

export const deleteAccount = operation({
  operationId: 'deleteAccount',
  guard: fresh,
  method: 'delete',
  path: '/profile/me',
  tags: ['profile'],
  summary: 'Delete your account',
  description:
    'Deletes the account and everything stored about it, and ends all its sessions. Its audit events stay without IP address, User-Agent and details. Its email address and phone number are free again; its id is never reused. A notice goes to its verified address. This cannot be undone.',
  fails: ['last_admin'],
  answers: { 204: { description: 'The account was deleted.' } },
});
