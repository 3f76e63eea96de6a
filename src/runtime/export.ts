import { runCommand } from './commands/command.ts';
import { exportCommand } from './commands/export.ts';

await runCommand(exportCommand);
