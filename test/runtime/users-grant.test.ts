import { describe, expect, test } from 'vitest';
import { migrated, rowsOf } from '../support/users-program.ts';

describe('latchkey users grant to an account with unverified addresses', () => {
  test('staff only by its id or with --yes, other roles always', { timeout: 120_000 }, async () => {
    const { folder, users } = await migrated();
    await users('create', '--invite', '--email', 'Ada@example.com', '--phone', '98765 43210');
    for (const [args, expected] of [
      [['ada@example.com', 'admin'], 1],
      [[' ADA@example.com ', 'support', 'editor'], 1],
      [['98765 43210', 'support'], 1],
      [['ada@example.com', 'editor'], 0],
      [[' 1 ', 'admin'], 0],
      [['ada@example.com', 'admin', '--yes'], 0],
      [['+919876543210', 'support', '--yes'], 0],
    ] as const) {
      await rowsOf(folder, 'DELETE FROM user_roles RETURNING role');
      const { status, stderr } = await users('grant', ...args);
      expect([args, status, stderr.includes('is not verified')]).toEqual([
        ...[args, expected, expected === 1],
      ]);
      const granted = args.filter((arg) => /^(admin|support|editor)$/.test(arg)).sort();
      const roles = expected === 0 ? granted.map((role) => ({ role })) : [];
      expect(await rowsOf(folder, 'SELECT role FROM user_roles ORDER BY role')).toEqual(roles);
    }
  });

  test('asks for the address that was typed, not for another one', async () => {
    const { folder, users } = await migrated();
    await users('create', '--invite', '--email', 'ada@example.com', '--phone', '98765 43210');
    await rowsOf(folder, 'UPDATE users SET phone_verified_at = 1 RETURNING id');
    expect((await users('grant', 'ada@example.com', 'admin')).status).toBe(1);
    expect((await users('grant', '98765 43210', 'admin')).status).toBe(0);
  });
});
