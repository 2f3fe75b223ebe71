/** Makes docs/settings.md anew from the table. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { atomDocs } from '../worker/access-format.ts';
import { hookNames } from './hooks.ts';
import { settingsDocument } from './settings-text.ts';

const file = new URL('../../docs/settings.md', import.meta.url);
mkdirSync(new URL('.', file), { recursive: true });
writeFileSync(file, settingsDocument(atomDocs, hookNames));
