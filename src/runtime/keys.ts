import { runCommand } from './commands/command.ts';
import { keys } from './commands/keys.ts';

await runCommand(keys);
