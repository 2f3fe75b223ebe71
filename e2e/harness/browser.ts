import { once } from 'node:events';
import { watch } from 'node:fs';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Shell } from './shell.ts';

/** A browser that notes which page it was asked to open, as the BROWSER of a shell's commands. */
export interface BrowserProgram {
  /** To be added to the environment of the command that opens a page. */
  readonly env: Readonly<Record<string, string>>;
  /** Waits until a page was asked for; answers the last one. */
  opened(): Promise<string>;
}

export const installBrowser = async (shell: Shell): Promise<BrowserProgram> => {
  const program = join(shell.home, 'browser');
  const note = join(shell.home, 'opened');
  await rm(note, { force: true });
  await writeFile(program, `#!/bin/sh\nprintf '%s' "$1" > '${note}.tmp' && mv '${note}.tmp' '${note}'\n`);
  await chmod(program, 0o755);
  return {
    env: { BROWSER: program, DISPLAY: '', XDG_CURRENT_DESKTOP: '' },
    async opened() {
      const watcher = watch(shell.home);
      try {
        for (;;) {
          const changed = once(watcher, 'change');
          const url = await readFile(note, 'utf8').catch(() => undefined);
          if (url !== undefined) return url;
          await changed;
        }
      } finally {
        watcher.close();
      }
    },
  };
};

/** Fills in the only form of a page, hidden fields and all, and sends it as a browser does. */
export const sendForm = async (pageUrl: string, values: Readonly<Record<string, string>>): Promise<Response> => {
  const page = await (await fetch(pageUrl)).text();
  const attribute = (tag: string, name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  const form = /<form\b[^>]*>/.exec(page)?.[0];
  if (form === undefined) throw new Error(`there is no form on ${pageUrl}:\n${page}`);
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(input, 'name');
    if (name !== '') fields.set(name, values[name] ?? attribute(input, 'value'));
  }
  for (const name of Object.keys(values)) {
    if (!fields.has(name)) throw new Error(`the form on ${pageUrl} has no field ${name}:\n${page}`);
  }
  return fetch(new URL(attribute(form, 'action'), pageUrl), {
    method: 'POST',
    body: fields,
    headers: { origin: new URL(pageUrl).origin, 'sec-fetch-site': 'same-origin' },
  });
};
