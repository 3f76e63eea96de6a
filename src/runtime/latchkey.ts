#!/usr/bin/env node
import { backup } from './commands/backup.ts';
import { check } from './commands/check.ts';
import { runProgram } from './commands/command.ts';
import { exportCommand } from './commands/export.ts';
import { importAccounts } from './commands/import.ts';
import { keys } from './commands/keys.ts';
import { messages } from './commands/messages.ts';
import { migrate } from './commands/migrate.ts';
import { users } from './commands/users.ts';
import { runtime } from './servers/node-listen.ts';
import { serveCommand } from './servers/server.ts';

await runProgram([
  serveCommand(runtime),
  migrate,
  backup,
  check,
  importAccounts,
  exportCommand,
  keys,
  messages,
  users,
]);
