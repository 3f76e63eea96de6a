/** The pages of users who are logged in. */
export const account = {
  overview: {
    title: 'Your account',
    link: 'Overview',
  },
};
