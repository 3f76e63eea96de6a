// Writes `.env.example` and `docs/settings.md` from the list of settings: `npm run settings:generate`.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SETTINGS, type Setting } from '../src/config/settings.ts';

const ROOT = new URL('../', import.meta.url);
const COMMENT_WIDTH = 110;

const entries = Object.entries<Setting>(SETTINGS);

/** Formats a text as comment lines of a `.env` file. */
function comment(text: string): string {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > COMMENT_WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** Removes links and code marks from Markdown. */
const plain = (markdown: string): string =>
  markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');

const ENV_HEAD = `# Copy to .env. Everything has a default in development; an empty value counts as unset.
# Written by \`npm run settings:generate\` from src/config/settings.ts.
`;

function renderEnvExample(): string {
  const parts = entries.map(([name, { section, help, note = help, default: value = '' }]) => {
    const title = section === undefined ? '' : `\n# --- ${section} ---\n\n`;
    return `${title}${comment(plain(note))}\n${name}=${value}\n`;
  });
  return `${ENV_HEAD}${parts.join('')}`;
}

const PAGE_HEAD = `# Settings

By environment variables, or a \`.env\` file in the working directory (the environment wins); on Workers by variables and secrets. An empty value counts as unset. Anything that cannot be used stops the start with a list of *all* the settings at fault, and no value repeated. [\`.env.example\`](../.env.example) has them ready to copy, \`latchkey COMMAND --help\` lists those that a command reads. A name that is no setting but resembles one is reported at the start.

\`SECRET_KEY\`, \`ALGORITHM\`, \`ACCESS_TOKEN_EXPIRE_MINUTES\` and \`DATABASE_URL\` mean what they meant in the replaced backends.

This page is written by \`npm run settings:generate\` from \`src/config/settings.ts\`.
`;

function renderPage(): string {
  const parts = entries.map(([name, { section, help, note = help, ...own }]) => {
    const table = '\n| name | default | meaning |\n|---|---|---|\n';
    const title = section === undefined ? '' : `\n## ${section}\n${table}`;
    const shown = own.default === undefined ? (own.otherwise ?? 'none') : `\`${own.default}\``;
    return `${title}| \`${name}\` | ${shown} | ${note} |\n`;
  });
  return `${PAGE_HEAD}${parts.join('')}`;
}

/** The generated files: the path relative to the project root, and the text. */
export const settingsFiles = (): readonly (readonly [path: string, text: string])[] => [
  ['.env.example', renderEnvExample()],
  ['docs/settings.md', renderPage()],
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of settingsFiles()) await writeFile(new URL(path, ROOT), text);
}
