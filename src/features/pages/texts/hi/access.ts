/** The pages for visitors who are not logged in. */
export const access = {
  logIn: {
    title: 'Log in',
    button: 'Log in',
    forgot: 'Forgot the password?',
    code: 'Log in with a code',
    signUp: 'Create an account',
  },
  signUp: {
    title: 'Create an account',
    button: 'Create account',
    either: 'Enter an email address, a phone number, or both.',
    sent: 'Follow the message that is on its way to your address.',
    logIn: 'I have an account',
  },
};
