import { posix } from 'node:path';
import { type HerokuYmlField, readHerokuYml } from './heroku-yml-field.ts';

export interface HerokuYmlAddOn {
  /** `heroku-postgresql` or `heroku-postgresql:mini`. */
  readonly plan: string;
  /** Name of the attachment. */
  readonly as?: string;
}

export interface HerokuYmlImage {
  /** Relative to the root of the source, without `..`. */
  readonly dockerfile: string;
  /** The Dockerfile's folder in the same form, `.` for the root: as on Heroku, nothing outside it reaches the build. */
  readonly context: string;
  /** Stage of the Dockerfile; absent: its last one. */
  readonly target?: string;
}

export interface HerokuYmlProcess {
  /** Key of `images`. */
  readonly image: string;
  /** For the shell; absent: the image's own CMD. */
  readonly command?: string;
}

/** heroku.yml with its defaults filled in, Dev Center "Building Docker Images with heroku.yml". */
export interface HerokuYml {
  readonly setup: { readonly addOns: readonly HerokuYmlAddOn[]; readonly config: Readonly<Record<string, string>> };
  /** By the name that `build.docker` gives them; at least one. */
  readonly images: Readonly<Record<string, HerokuYmlImage>>;
  /** Of all images; not there at run time. */
  readonly buildArgs: Readonly<Record<string, string>>;
  /** The release phase. */
  readonly release?: HerokuYmlProcess;
  /** Process types: those of `run`, and an image that `run` does not name. */
  readonly run: Readonly<Record<string, HerokuYmlProcess>>;
}

type Images = ReadonlyMap<string, HerokuYmlImage>;

const processTypeName = /^[A-Za-z0-9_-]{1,128}$/;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

const parseVariables = (field: HerokuYmlField | undefined): Record<string, string> =>
  Object.fromEntries(
    [...(field?.entries() ?? [])].map(([name, value]) => {
      if (!variableName.test(name)) value.fail('expected a name of letters, digits and "_" that starts with no digit.');
      return [name, value.text("a string; for an empty one write ''")];
    }),
  );

const parseAddOn = (field: HerokuYmlField): HerokuYmlAddOn => {
  const { plan, as } = field.known(['plan', 'as']);
  return {
    plan: (plan ?? field).filledText('a plan, as in "plan: heroku-postgresql"'),
    ...(as && { as: as.filledText('a name such as DATABASE') }),
  };
};

const parseSetup = (field: HerokuYmlField | undefined): HerokuYml['setup'] => {
  const { addons, config } = field?.known(['addons', 'config']) ?? {};
  return { addOns: addons?.items().map(parseAddOn) ?? [], config: parseVariables(config) };
};

const parsePath = (field: HerokuYmlField): string => {
  const given = field.filledText('the path of a Dockerfile');
  const path = posix.normalize(given);
  const leaves = path.startsWith('/') || path === '..' || path.startsWith('../');
  if (leaves || path.endsWith('/') || path === '.' || path.includes('\0')) {
    return field.fail(`expected the path of a Dockerfile in the source, got ${JSON.stringify(given.slice(0, 80))}.`);
  }
  return path;
};

const parseImage = (field: HerokuYmlField): HerokuYmlImage => {
  const { dockerfile, target } = field.isMap() ? field.known(['dockerfile', 'target']) : { dockerfile: field };
  const path = dockerfile ? parsePath(dockerfile) : field.fail('expected the key "dockerfile" beside "target".');
  return {
    dockerfile: path,
    context: posix.dirname(path),
    ...(target && { target: target.filledText('the name of a stage in the Dockerfile') }),
  };
};

const checkName = (name: string, field: HerokuYmlField): void => {
  if (!processTypeName.test(name))
    field.fail('expected a process type of at most 128 letters, digits, "-" and "_" as key.');
};

const parseBuild = (field: HerokuYmlField): { images: Images; buildArgs: Record<string, string> } => {
  const buildpackKeys = ['languages', 'packs', 'packages', 'buildpacks'] as const;
  const { docker, config, ...buildpacks } = field.known(['docker', 'config', ...buildpackKeys]);
  const [refused] = Object.values(buildpacks);
  refused?.fail(
    'stack container builds from Dockerfiles only. Name them in build.docker, or remove heroku.yml, run "heroku stack:set heroku-24", and set buildpacks with "heroku buildpacks:set".',
  );
  const images = new Map<string, HerokuYmlImage>();
  for (const [name, image] of docker?.entries() ?? []) {
    checkName(name, image);
    images.set(name, parseImage(image));
  }
  if (images.size === 0) (docker ?? field).fail('expected "docker" with an image, as in "docker: {web: Dockerfile}".');
  return { images, buildArgs: parseVariables(config) };
};

/** A list of commands is one line for the shell: each runs when those before it succeeded. */
const parseCommand = (field: HerokuYmlField): string => {
  const expected = 'a command or a list of commands';
  if (!field.isList()) return field.filledText(expected);
  const commands = field.items().map((item) => item.filledText('a command'));
  return commands.length === 0 ? field.fail(`expected ${expected}, got an empty list.`) : commands.join(' && ');
};

const chooseImage = (field: HerokuYmlField, given: HerokuYmlField | undefined, own: string, images: Images): string => {
  const names = [...images.keys()];
  if (given) {
    const name = given.filledText('the name of an image in build.docker');
    return images.has(name)
      ? name
      : given.fail(
          `expected an image of build.docker (${names.join(', ')}), got ${JSON.stringify(name.slice(0, 80))}. Add it there or name one of these.`,
        );
  }
  const name = [own, 'web'].find((candidate) => images.has(candidate)) ?? (names.length === 1 ? names[0] : undefined);
  return name ?? field.fail(`expected "image" with one of ${names.join(', ')}: none is called ${own} or web.`);
};

const parseProcess = (field: HerokuYmlField, name: string, images: Images): HerokuYmlProcess => {
  const { image, command } = field.isMap() ? field.known(['command', 'image']) : { command: field };
  return {
    image: chooseImage(field, image, name, images),
    ...(command && { command: parseCommand(command) }),
  };
};

const parseRelease = (field: HerokuYmlField | undefined, images: Images): HerokuYmlProcess | undefined => {
  if (!field) return images.has('release') ? { image: 'release' } : undefined;
  const process = field.isMap() ? parseProcess(field, 'release', images) : field.fail('expected a map with "command".');
  if (process.command !== undefined || process.image === 'release') return process;
  return field.fail('expected the key "command" with a command or a list of commands.');
};

const parseRun = (field: HerokuYmlField | undefined, images: Images): Record<string, HerokuYmlProcess> => {
  const processes = new Map<string, HerokuYmlProcess>();
  for (const [name, process] of field?.entries() ?? []) {
    checkName(name, process);
    if (name === 'release')
      process.fail('the release phase is no process type. Move it to the top-level key "release".');
    processes.set(name, parseProcess(process, name, images));
  }
  for (const name of images.keys()) {
    if (name !== 'release' && !processes.has(name)) processes.set(name, { image: name });
  }
  return Object.fromEntries(processes);
};

/** Reads heroku.yml. @throws BuildFailed `invalid_heroku_yml` with line and column of the first wrong value */
export const parseHerokuYml = (text: string): HerokuYml => {
  const file = readHerokuYml(text);
  const { setup, build, release, run } = file.known(['setup', 'build', 'release', 'run']);
  if (!build) return file.fail('expected the key "build" with "docker", as in "build: {docker: {web: Dockerfile}}".');
  const { images, buildArgs } = parseBuild(build);
  const releasePhase = parseRelease(release, images);
  return {
    setup: parseSetup(setup),
    images: Object.fromEntries(images),
    buildArgs,
    ...(releasePhase && { release: releasePhase }),
    run: parseRun(run, images),
  };
};
