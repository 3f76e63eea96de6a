import { z } from 'zod';
import type { Invitation } from '../../../features/admin/account.ts';
import { nameField, newEmailField, newPhoneField } from '../../../features/users/fields.ts';
import type { ActOptions } from './operator.ts';

export interface InviteOptions extends ActOptions {
  readonly email?: string;
  readonly phone?: string;
  readonly name?: string;
  readonly role?: readonly string[];
  readonly locale: 'en' | 'hi';
}

/** The same rules as at a sign-up. */
const FIELDS = z.object({
  email: newEmailField.optional(),
  phone: newPhoneField.optional(),
  name: nameField.optional(),
});

/** @param refuse ends the program with an explanation */
export function invitationOf(
  { email, phone, name, role, locale }: InviteOptions,
  refuse: (words: string) => never,
): Invitation {
  if (email === undefined && phone === undefined) refuse('Missing argument: --email or --phone');
  const { data, error } = FIELDS.safeParse({ email, phone, name });
  const [issue] = error?.issues ?? [];
  if (!data) return refuse(`--${issue?.path.join('.')}: ${issue?.message}`);
  return { ...data, roles: role, locale };
}
