/** What every page shows. */
export const frame = {
  skip: 'Skip to the content',
  navigation: 'Account',
  terms: 'Terms of service',
  privacy: 'Privacy policy',
  logOut: 'Log out',
  error: 'Error',
  show: 'Show passwords',
  fields: {
    username: 'Email address or phone number',
    email: 'Email address',
    phone: 'Phone number',
    name: 'Name',
    password: 'Password',
    currentPassword: 'Current password',
    newPassword: 'New password',
    code: 'Code from the message',
    link: 'Link from the message',
  },
  /** By the code of the problem. */
  problems: {
    wrong_email_or_password: 'The password is wrong, or there is no such account.',
    wrong_current_password: 'The password is wrong.',
    email_taken: 'This email address already has an account.',
    phone_taken: 'This phone number already has an account.',
    validation_failed: 'Check what you have entered.',
    weak_password: 'Choose another password.',
    invalid_code: 'The code or the link is wrong, used or expired. Request a new message.',
    signup_closed: 'New accounts are closed at the moment.',
    verification_required: 'Verify your address first. A message is on its way to it.',
    messages_off: 'This service sends no messages.',
    no_address: 'The account has no such address.',
    already_verified: 'This address is verified already.',
    not_found: 'It has ended already.',
    too_many_requests: 'Too many attempts. Try again later.',
    overloaded: 'The service is busy. Try again in a few seconds.',
    origin_refused: 'The form came from another page or is too old. Try again on this page.',
  },
  /** For every other problem. */
  problem: 'Something went wrong. Try again later.',
  /** Shown once, after something is done. */
  done: {
    loggedOut: 'You are logged out.',
  },
};
