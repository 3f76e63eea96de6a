import type { PageTexts } from './texts.ts';

export const en: PageTexts = {
  login: 'Open the app and enter the code of the message.',
  undo: 'A replaced address is restored to your account; an address that was entered by somebody else is removed from theirs. All devices of that account are logged out, and its password is removed.',
  done: {
    verify: 'Done. You can close this page.',
    reset: 'Done. Log in with the new password.',
    change: 'Done. You can close this page.',
    undo: 'Done. If the account is yours, request a new password.',
  },
  password: 'New password',
  show: 'Show password',
  needsScript: 'This page needs JavaScript.',
  incomplete: 'The link is incomplete. Open it again from the message.',
  failed: 'This did not work. If it is still necessary, request a new message.',
  weak: 'Choose another password.',
  retry: 'This did not work. Try again {time}.',
};
