const MIN_DISTINCT_CHARACTERS = 8;

/** Printed in tutorials and documentation, so known to everyone who attacks. In lower case. */
const KNOWN_SECRETS = new Set([
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
  'a-string-secret-at-least-256-bits-long',
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'your-super-secret-jwt-token-with-at-least-32-characters-long',
  'better-auth-secret-12345678901234567890',
  'your-secret-key-change-this-in-production',
  '0123456789abcdef0123456789abcdef',
  '12345678901234567890123456789012',
]);

/** Tells whether a secret is one of the examples that everybody knows, or has too little variety. */
export const isGuessable = (secret: string): boolean =>
  KNOWN_SECRETS.has(secret.trim().toLowerCase()) || new Set(secret).size < MIN_DISTINCT_CHARACTERS;
