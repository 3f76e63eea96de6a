import { z } from '@hono/zod-openapi';
import { AppError } from '../../core/errors.ts';
import type { Account, AccountPatch } from '../admin/account.ts';
import type { Act } from '../admin/actor.ts';
import { MAX_REASON_LENGTH, reasonField as reasonRule } from '../admin/fields.ts';
import type { AdminService } from '../admin/service.ts';
import { parseFields } from '../pages/fields.ts';
import type { Field } from '../pages/form.ts';
import type { StaffVisit } from '../pages/page.ts';
import type { ProfileForm } from '../pages/profile-form.ts';
import { rolesField } from '../roles/fields.ts';
import { idIn } from './paths.ts';
import { ADMIN_TEXTS } from './texts/texts.ts';

/** What can be done with an account. */
export const ACTIONS = [
  'roles',
  'profile',
  'disable',
  'enable',
  'unlock',
  'signOut',
  'requireReset',
  'dropEmail',
  'dropPhone',
  'dropPicture',
  'remove',
] as const;

export type Action = (typeof ACTIONS)[number];

/** The actions that take something away which cannot be given back. */
export const isDangerous = (action: Action): boolean =>
  ['requireReset', 'dropEmail', 'dropPhone', 'dropPicture', 'remove'].includes(action);

/** True if an action makes sense as the account is. */
export function isOffered(
  action: Action,
  { disabledAt, email, phone, avatarKey }: Account,
): boolean {
  switch (action) {
    case 'disable':
      return disabledAt === null;
    case 'enable':
      return disabledAt !== null;
    case 'dropEmail':
      return email !== null;
    case 'dropPhone':
      return phone !== null;
    case 'dropPicture':
      return avatarKey !== null;
    default:
      return true;
  }
}

const reasonSchema = z.object({ reason: reasonRule });

/** The field that every action has. */
export const reasonField = ({ locale }: StaffVisit, value?: string): Field => ({
  name: 'reason',
  label: ADMIN_TEXTS[locale].reason,
  hint: ADMIN_TEXTS[locale].reasonHint,
  autocomplete: 'off',
  maxLength: MAX_REASON_LENGTH,
  value,
});

export const rolesFieldOf = ({ locale }: StaffVisit, value: string): Field => ({
  name: 'roles',
  label: ADMIN_TEXTS[locale].users.roles,
  hint: ADMIN_TEXTS[locale].invite.rolesHint,
  autocomplete: 'off',
  isOptional: true,
  maxLength: 700,
  value,
});

/** What the form of an action is about. */
interface Shown {
  readonly account: Account;
  /** What was entered before. */
  readonly given: URLSearchParams | undefined;
  readonly form: ProfileForm;
}

/** The fields of an action besides the reason. */
export function fieldsOf(
  visit: StaffVisit,
  action: Action,
  { account, given, form }: Shown,
): readonly Field[] {
  if (action === 'roles') {
    return [rolesFieldOf(visit, given?.get('roles') ?? account.roles.join(' '))];
  }
  if (action !== 'profile') return [];
  return form
    .inputs(visit, given ? form.enteredIn(given) : form.storedIn(account))
    .map((field) => ({ ...field, autocomplete: 'off' }));
}

/** Reads why something is done, by whom. @throws AppError `validation_failed` */
export function actOf({ login, requester }: StaffVisit, fields: URLSearchParams): Act {
  const { reason } = parseFields(reasonSchema, fields);
  const { caller, later } = requester;
  return { actor: { kind: 'admin', ...login }, caller, later, reason };
}

/** Reads roles that are separated by white space. @throws AppError `validation_failed` */
export function rolesIn(fields: URLSearchParams): readonly string[] {
  const words = (fields.get('roles') ?? '').split(/[\s,]+/).filter((word) => word !== '');
  const parsed = rolesField.safeParse([...new Set(words)]);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('validation_failed', {
    fields: [{ pointer: '#/roles', code: 'invalid_role', message: issue?.message ?? '' }],
  });
}

/** Does what a form asks for. */
export async function run(
  service: AdminService,
  action: Action,
  {
    account,
    fields,
    act,
    form,
  }: {
    readonly account: Account;
    readonly fields: URLSearchParams;
    readonly act: Act;
    readonly form: ProfileForm;
  },
): Promise<void> {
  const { id } = account;
  const update = async (patch: AccountPatch) => void (await service.update(id, patch, act));
  switch (action) {
    case 'roles':
      await service.setRoles(id, rolesIn(fields), act);
      break;
    case 'profile':
      // The version of the form keeps two administrators from overwriting each other. It has the form of an id. None is 0.
      await update({
        ...form.patchOf(account, form.enteredIn(fields)),
        version: idIn(fields.get('version')) ?? 0,
      });
      break;
    case 'dropEmail':
      await update({ email: null });
      break;
    case 'dropPhone':
      await update({ phone: null });
      break;
    case 'dropPicture':
      await update({ avatarKey: null });
      break;
    default:
      await service[action](id, act);
  }
}
