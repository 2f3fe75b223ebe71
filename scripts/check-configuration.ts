import { readFileSync, writeFileSync } from 'node:fs';
import { settingsDocument } from '../packages/platform/src/domain/settings.ts';

const file = 'docs/configuration.md';

/** Holds docs/configuration.md against the settings table, or makes it anew. */
export const checkConfigurationDocument = (write: boolean): readonly string[] => {
  if (write) writeFileSync(file, settingsDocument());
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [`${file} is missing; \`npm run check -- --write\` makes it`];
  }
  return text === settingsDocument()
    ? []
    : [`${file} differs from the settings table; \`npm run check -- --write\` makes it anew`];
};
