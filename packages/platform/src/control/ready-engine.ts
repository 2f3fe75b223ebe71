import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFolder } from '../domain/data-folder.ts';
import { settings as table } from '../domain/settings.data.ts';
import { SettingError, type Settings } from '../domain/settings.ts';
import { buildImage } from '../engine/build-image.ts';
import { connectEngine } from '../engine/connect-engine.ts';
import { containerReach } from '../engine/container-reach.ts';
import { awaitExit, createContainer, removeContainer, startContainer } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import { inspectImage } from '../engine/images.ts';
import { packContext } from '../engine/pack-context.ts';
import { pullImage } from '../engine/pull-image.ts';

const stackFolder = join(import.meta.dirname, '..', '..', 'stack');
const never = new AbortController().signal;

/**
 * Makes sure that slugs can run in containers: an engine answers, it has the stack image, and containers see this
 * machine's files.
 * @throws Error that says what is missing and what to do.
 */
export const readyEngine = async (
  { engine: host, stackImage }: Pick<Settings, 'engine' | 'stackImage'>,
  data: DataFolder,
  say: (line: string) => void,
): Promise<void> => {
  if (host === 'none')
    throw new SettingError('--driver docker needs a container engine, but --engine is none; leave out one of the two');
  using engine = await connectEngine(host === 'auto' ? {} : { host }).catch((cause: Error) => {
    throw new Error(
      `--driver docker needs a container engine. ${withStop(cause.message)} Start it, or leave out --driver.`,
      { cause },
    );
  });
  await containerReach(engine);
  await ensureStackImage(engine, stackImage, say);
  await tryOut(engine, stackImage, data);
};

const withStop = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

const ensureStackImage = async (engine: Engine, name: string, say: (line: string) => void): Promise<void> => {
  if ((await inspectImage(engine, name)) !== undefined) return;
  const ours = name === table.stackImage.default;
  say(`the engine has no image ${name} yet: ${ours ? 'building' : 'pulling'} it`);
  try {
    await (ours ? buildStackImage(engine, name) : pullImage(engine, name));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The stack image ${name} is not in the engine and could not be ${ours ? 'built' : 'pulled'}: ${withStop(reason)} Load it with \`docker load\`, or name another one with --stack-image.`,
      { cause },
    );
  }
};

const buildStackImage = async (engine: Engine, tag: string): Promise<void> => {
  const context = packContext(stackFolder, 'Dockerfile');
  await buildImage(engine, { context, dockerfile: 'Dockerfile', labels: {}, tag }, () => undefined, never);
};

/** Runs one container that reads a file of this machine, with the shell that slugs are started by. */
const tryOut = async (engine: Engine, Image: string, data: DataFolder): Promise<void> => {
  const name = `ravine-trial-${randomUUID()}`;
  const folder = join(data.root, name);
  try {
    await mkdir(folder);
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'word'), name);
    await createContainer(engine, name, {
      Image,
      Cmd: ['/bin/bash', '-c', `test "$(cat /trial/word)" = "${name}" || exit 9`],
      Entrypoint: [],
      HostConfig: { NetworkMode: 'none', Binds: [`${folder}:/trial:ro`] },
    });
    await startContainer(engine, name).catch((cause: Error) => {
      throw new Error(
        `A container of the stack image ${Image} could not be started: ${withStop(cause.message)} It needs /bin/bash and the libraries of slugs; name another one with --stack-image.`,
        { cause },
      );
    });
    if ((await awaitExit(engine, name)) === 0) return;
    throw new Error(
      `Containers do not see ${data.root} of this machine, where slugs are; --driver docker needs an engine that does. Share that folder with the engine, choose one with --data that is shared, or leave out --driver.`,
    );
  } finally {
    await removeContainer(engine, name).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
};
