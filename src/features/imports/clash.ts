/** Why an account cannot be imported as it is. */
export const CLASH_CODES = [
  /** Two accounts of the source have addresses that are one by case, Unicode form or notation. */
  'email_twice',
  'phone_twice',
  /** Two accounts of the source have the same id. */
  'id_twice',
  /** An account with the same id has been imported with other addresses. */
  'id_reused',
  /** An address belongs to an account of the target that this import has not created, or is reserved for one. */
  'email_taken',
  'phone_taken',
  /** With `--keep-ids`: the id is no positive integer, or belongs to an account of the target. */
  'invalid_id',
  'id_taken',
  'no_address',
  'invalid_email',
  'invalid_phone',
  'unreadable_hash',
  /** Text that is too long, or has characters that the API does not accept. */
  'invalid_name',
  'invalid_bio',
  'invalid_locale',
  'invalid_time_zone',
  'invalid_fields',
  /** The source could not read a value, or the row. */
  'unreadable_value',
] as const;

export type ClashCode = (typeof CLASH_CODES)[number];

/** A reason why an account of the source cannot be imported as it is. An account may have several. */
export interface Clash {
  readonly place: string;
  /** The id of the account in the source. */
  readonly id: string;
  readonly code: ClashCode;
  /** The member of the account, such as `email`. */
  readonly field: string;
  /** The sentence that a person reads. */
  readonly message: string;
  /** For addresses and ids: the value as the source has it. Never a hash of a password. */
  readonly value?: string | undefined;
  /** The other account of the source. */
  readonly otherId?: string | undefined;
  readonly otherPlace?: string | undefined;
  /** The account of the target. */
  readonly userId?: number | undefined;
}
