import { fileURLToPath } from 'node:url';

/**
 * Path of a module beside the one of `base`, by its name without an ending: in a checkout it is TypeScript, in the
 * published package JavaScript.
 */
export const sibling = (name: string, base: string): string =>
  fileURLToPath(new URL(name + (base.endsWith('.ts') ? '.ts' : '.js'), base));
