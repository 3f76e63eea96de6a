import { runCommand } from './commands/command.ts';
import { importAccounts } from './commands/import.ts';

await runCommand(importAccounts);
