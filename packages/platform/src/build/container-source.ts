import { BuildFailed } from './build-failed.ts';
import { type HerokuYml, parseHerokuYml } from './heroku-yml.ts';
import { leavesSource, readSourceFile } from './source-file.ts';

/** What a Dockerfile alone means: one image, which web runs by its CMD. */
const dockerfileAlone: HerokuYml = {
  setup: { addOns: [], config: {} },
  images: { web: { dockerfile: 'Dockerfile', context: '.' } },
  buildArgs: {},
  run: { web: { image: 'web' } },
};

/**
 * Reads how an app of the container stack is built: its heroku.yml, or a bare Dockerfile.
 * @throws BuildFailed when there is neither, or heroku.yml can't be used or names a Dockerfile that isn't in the source.
 */
export const readContainerSource = async (folder: string): Promise<HerokuYml> => {
  const text = await readSourceFile(folder, 'heroku.yml');
  const plan = text === undefined ? dockerfileAlone : parseHerokuYml(text);
  for (const [name, { dockerfile, context }] of Object.entries(plan.images)) {
    if (await leavesSource(folder, dockerfile)) {
      throw new BuildFailed(
        'dockerfile_missing',
        `heroku.yml builds ${name} from ${dockerfile}, but ${context} is a symbolic link that leads out of the source, or lies behind one.\nCommit the folder itself.`,
      );
    }
    if ((await readSourceFile(folder, dockerfile)) !== undefined) continue;
    throw new BuildFailed(
      'dockerfile_missing',
      text === undefined
        ? 'The app is on the container stack, so heroku.yml or a Dockerfile was expected in the root of the source, and neither is there.\nAdd one, or choose another stack with `heroku stack:set heroku-24`.'
        : `heroku.yml builds ${name} from ${dockerfile}, which is not in the source. Commit the file, or correct its path.`,
    );
  }
  return plan;
};
