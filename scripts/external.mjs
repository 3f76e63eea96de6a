/**
 * What a bundle for Node leaves in its packages. libsql is a native module that loads its binary relative to its own
 * folder, commander is CommonJS, and nodemailer is loaded only for SMTP. These four are the only dependencies in
 * package.json. pg and mysql2 are optional, for imports, and so is OpenTelemetry, for traces.
 */
export const EXTERNAL = [
  'libsql',
  '@libsql/client',
  'commander',
  'nodemailer',
  'pg',
  'mysql2',
  '@opentelemetry/api',
];
