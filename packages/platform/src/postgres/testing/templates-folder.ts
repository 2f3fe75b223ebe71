import { join } from 'node:path';

/**
 * Where a test's cluster template is: the one that `npm test` has made for all tests, which spares each the second that initdb
 * takes; else one of the test's own in `folder`.
 */
export const templatesFolder = (folder: string): string =>
  process.env.RAVINE_TEST_TEMPLATES ?? join(folder, 'templates');
