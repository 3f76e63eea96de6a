import { runCommand } from './commands/command.ts';
import { users } from './commands/users.ts';

await runCommand(users);
