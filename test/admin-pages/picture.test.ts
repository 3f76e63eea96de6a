import { describe, expect, test } from 'vitest';
import { createAdminRoom } from '../support/admin-room.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { PICTURE_PAGE, pictureTokenOf, sendPicture } from '../support/picture-page.ts';

describe('the admin page of a user', () => {
  test('shows the picture, and an administrator removes it with a reason', async () => {
    const store = new MemoryFiles();
    const admins = await createAdminRoom({}, { files: store });
    const { id, visitor: user } = await admins.newUserVisitor();
    const { visitor: admin } = admins.admin;
    const without = await admin.visit(`/admin/user?id=${id}`);
    expect(without.links).not.toHaveProperty('Remove picture');
    expect(without.headers.get('Content-Security-Policy')).toContain('img-src data:;');

    await sendPicture(user, await pictureTokenOf(user));
    const [key] = store.files.keys();
    const page = await admin.visit(`/admin/user?id=${id}`);
    expect(page.html).toContain(`src="/avatars/${key}" alt="Picture of the account"`);
    expect(page.headers.get('Content-Security-Policy')).toContain("img-src data: 'self';");
    await admins.act(admin, id, 'Remove picture');
    expect(admin.page().notices).toEqual(['The picture is removed.']);
    expect(admin.page().html).not.toContain('/avatars/');
    await admins.idle();
    expect(store.files.size).toBe(0);
    expect((await user.visit(PICTURE_PAGE)).text).toContain('The account has no picture.');
  });

  test('lets an administrator remove a picture that no store can show', async () => {
    const admins = await createAdminRoom();
    const { id } = await admins.newUserVisitor();
    await admins.db.run(`update users set avatar_key = 'x' where id = ${id}`);
    const { visitor: admin } = admins.admin;
    expect((await admin.visit(`/admin/user?id=${id}`)).html).not.toContain('<img');
    await admins.act(admin, id, 'Remove picture');
    expect(admin.page().links).not.toHaveProperty('Remove picture');
  });

  test('a supporter sees the picture, and nothing that removes it', async () => {
    const admins = await createAdminRoom({}, { files: new MemoryFiles() });
    const { id, visitor: user } = await admins.newUserVisitor();
    await sendPicture(user, await pictureTokenOf(user));
    const support = await admins.newMember('support@example.com', 'support');
    const page = await support.visitor.visit(`/admin/user?id=${id}`);
    expect(page.html).toContain('<img class="picture"');
    expect(page.links).not.toHaveProperty('Remove picture');
    const address = `/admin/user/act?id=${id}&do=dropPicture`;
    expect((await support.visitor.visit(address)).status).toBe(403);
  });
});
