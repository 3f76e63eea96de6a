import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/core/db/schema.ts', './src/core/db/account-schema.ts'],
  out: './drizzle',
});
