import { settingNames } from './read-settings.ts';
import { type Setting, settings } from './settings.data.ts';

const sections: Readonly<Record<Setting['section'], string>> = {
  sockets: 'Sockets',
  workers: 'Workers',
  limits: 'Time limits',
  logs: 'Logs and metrics',
  process: 'Process',
  proxies: 'Proxies',
};

const rows = settingNames.map((name) => ({ name, ...(settings[name] as Setting) })); // the table satisfies Setting
const sectionNames = Object.keys(sections) as Setting['section'][]; // the record has exactly these

const wrap = (text: string, indent: number, width = 100): string => {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + 1 > width - indent) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${' '.repeat(indent)}${line}\n`).join('');
};

const defaultOf = (row: Setting): string => (row.default ? ` Default: \`${row.default}\`.` : '');

/** What `prefork --help` prints. */
export const helpText = (): string => {
  const flagOf = ({ flag, short, kind }: Setting): string =>
    `  ${short === undefined ? '    ' : `-${short}, `}--${flag}${kind === 'switch' ? '' : ' VALUE'}\n`;
  const parts = sectionNames.map((section) => {
    const inside = rows.filter((row) => row.section === section);
    return `${sections[section]}\n\n${inside.map((row) => flagOf(row) + wrap(row.doc + defaultOf(row), 10)).join('')}`;
  });
  return `prefork [settings] APP

  Runs APP, a module that exports an http server, a request handler or a fetch handler, or that calls listen
  itself, in several worker processes. APP may be MODULE:EXPORT or MODULE:FACTORY(); alone, a module's
  exports default, app, server, handler and fetch are tried in this order.

  -c, --config FILE     config file; else prefork.config.ts of the current folder, if there is one
      --check-config    read all settings, print what is wrong, and end
      --print-config    print the settings that hold, and end
  -h, --help
  -v, --version

${parts.join('\n')}`;
};

/** The text of docs/settings.md. */
export const settingsDocument = (atoms: Readonly<Record<string, string>>, hooks: readonly string[]): string => {
  const parts = sectionNames.map((section) => {
    const inside = rows.filter((row) => row.section === section);
    return `## ${sections[section]}\n\n${inside
      .map(({ name, flag, short, env, ...row }) => {
        const flags = `${short === undefined ? '' : `\`-${short}\`, `}\`--${flag}\``;
        const variables = env.map((variable) => `, \`${variable}\``).join('');
        return `**\`${name}\`** (${flags}${variables})\n\n${row.doc}${defaultOf({ flag, env, ...row })}\n`;
      })
      .join('\n')}`;
  });
  const table = Object.entries(atoms).map(([atom, doc]) => `| \`${atom}\` | ${doc} |\n`);
  return `# Settings of prefork

Made from the table in src/settings/settings.data.ts. A setting can be given in the config file by its name, as an environment variable, and as a flag. A flag wins over the environment, which wins over the config file, which wins over the default. Lists are separated by commas in the environment; on the command line the flag is given several times.

${parts.join('\n')}
## Atoms of the access log

| atom | what it is |
| --- | --- |
${table.join('')}
## Hooks

Functions of the config file: ${hooks.map((name) => `\`${name}\``).join(', ')}. What each gets and when it is called is in the type \`Config\`.
`;
};
