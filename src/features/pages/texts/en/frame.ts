/** What every page shows. */
export const frame = {
  skip: 'Skip to the content',
  navigation: 'Account',
  terms: 'Terms of service',
  privacy: 'Privacy policy',
  logOut: 'Log out',
  error: 'Error',
  again: 'Open the page again',
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
    messages_off: 'This service sends no messages of this kind.',
    no_address: 'The account has no such address.',
    already_verified: 'This address is verified already.',
    not_found: 'It has ended already.',
    too_many_requests: 'Too many attempts. Try again later.',
    overloaded: 'The service is busy. Try again in a few seconds.',
    origin_refused:
      'The form came from another page or is too old. Open the page again and repeat what you did.',
  },
  /** By the code of a field's problem. With `{count}` if a number belongs to it. */
  fieldProblems: {
    required: 'Fill this in.',
    too_short: 'At least {count} characters are required.',
    too_long: 'At most {count} characters are possible.',
    invalid_email: 'This is not an email address.',
    invalid_phone: 'This is not a phone number. Add the country code, such as +91.',
    malformed_code: 'The code has six digits.',
    control_character: 'This contains characters that are not allowed.',
    malformed_unicode: 'This contains characters that are not allowed.',
    common_password: 'Too many people use this password.',
    similar_to_identifier: 'It is too similar to your email address or phone number.',
    breached_password: 'It has appeared in a data breach.',
  },
  /** For every other problem. */
  problem: 'Something went wrong. Try again later.',
  /** Shown once, after something is done. */
  done: {
    loggedOut: 'You are logged out.',
    passwordReset: 'The new password is set. Log in with it.',
    addressVerified: 'The address is verified.',
    addressChanged: 'The email address is changed.',
    undone: 'Done. If the account is yours, request a new password.',
    signedUp:
      'The account is created. A message is on its way to your address: verify it now or later.',
    messageSent: 'A message is on its way.',
  },
};
