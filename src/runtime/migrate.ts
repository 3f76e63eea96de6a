import { runCommand } from './commands/command.ts';
import { migrate } from './commands/migrate.ts';

await runCommand(migrate);
