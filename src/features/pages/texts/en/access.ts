/** The pages for visitors who are not logged in. */
export const access = {
  logIn: {
    title: 'Log in',
    button: 'Log in',
    forgot: 'Forgot the password?',
    code: 'Log in with a code',
    signUp: 'Create an account',
    enterCode: 'Enter the code or paste the link of a message',
    verify: 'Paste the link of the message',
  },
  signUp: {
    title: 'Create an account',
    button: 'Create account',
    either: 'Enter an email address, a phone number, or both.',
    /** The label of a field that may stay empty. */
    optional: '{field} (optional)',
    sent: 'Follow the message that is on its way to your address.',
    logIn: 'I have an account',
  },
  forgot: {
    title: 'Forgot the password?',
    intro: 'You get a message with a link and a code. Either sets a new password.',
    button: 'Send message',
    enter: 'I have a message already',
    logIn: 'Back to the login',
  },
  /** After every request for a message. */
  sent: {
    title: 'Look at your messages',
    next: 'If there is an account, a message is on its way. Follow its link, or enter its code here.',
    again: 'No message? Request another one',
  },
  reset: {
    title: 'Set a new password',
    intro: 'Enter the code of the message, or paste its link.',
    withLink: 'Choose the new password of your account.',
    button: 'Set new password',
    again: 'Request another message',
  },
  code: {
    title: 'Log in with a code',
    intro: 'You get a message with a link and a code, if you have verified the address.',
    button: 'Send code',
    password: 'Log in with the password',
  },
  codeLogin: {
    title: 'Enter the code',
    intro: 'Enter the code of the message, or paste its link.',
    button: 'Log in with the code',
  },
  verify: {
    title: 'Verify your address',
    button: 'Verify address',
    link: 'By the link of the message',
    codeOf: 'By a code for {address}',
    useCode: 'Verify with the code',
    send: 'Send a message to {address}',
    later: 'Continue to the account',
    logIn: 'Log in to enter a code instead',
  },
  change: {
    title: 'Confirm your new email address',
    button: 'Confirm address',
  },
  undo: {
    title: 'This was not me',
    explanation:
      'A replaced address is restored to your account; an address that was entered by somebody else is removed from theirs. All devices of that account are logged out, and its password is removed.',
    button: 'Undo the change',
  },
};
