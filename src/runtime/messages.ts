import { runCommand } from './commands/command.ts';
import { messages } from './commands/messages.ts';

await runCommand(messages);
