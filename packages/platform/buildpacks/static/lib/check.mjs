import { existsSync } from 'node:fs';
import { readSettings } from './settings.mjs';

try {
  const { folder } = readSettings();
  if (!existsSync(folder))
    throw new Error(`static.json, root: expected a folder of the repository, got ${JSON.stringify(folder)}.`);
  console.log(`       Files are served from ${folder === '.' ? 'the top of the repository' : folder}`);
} catch (error) {
  console.log(` !     ${error.message}`);
  process.exitCode = 1;
}
