import { check } from './commands/check.ts';
import { runCommand } from './commands/command.ts';

await runCommand(check);
