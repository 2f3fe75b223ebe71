import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { HerokuYml } from '../build/heroku-yml.ts';
import type { Images, ProcessTypes } from '../store/tables.ts';

export interface ImageRequest {
  /** Folder that goes to the engine. */
  readonly context: string;
  /** Within the context. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly output: Writable;
  readonly signal: AbortSignal;
  readonly time: BuildTime;
}

/** How long a build may take, all of its images together. */
export interface BuildTime {
  readonly limitMs: number;
  /** Fires when that is over. */
  readonly over: AbortSignal;
}

/** Makes images, and knows those that are there. */
export interface ImageBuilder {
  /** Builds one image. @throws BuildFailed, with the reason told in the output. */
  build(request: ImageRequest): Promise<{ readonly image: string; readonly sizeBytes: number }>;
  /** Whether all of these can still be run. @throws BuildFailed when that can't be found out. */
  hasAll(images: Images): Promise<boolean>;
}

export interface MadeImages {
  readonly images: Images;
  /** An empty command is the image's own CMD. */
  readonly processTypes: ProcessTypes;
  readonly sizeBytes: number;
}

/** Builds every image that heroku.yml names, in its order, and says which process type runs from which. */
export const makeImages = async (
  builder: ImageBuilder,
  plan: HerokuYml,
  source: { folder: string; output: Writable; signal: AbortSignal; timeMs: number },
): Promise<MadeImages> => {
  const time = { limitMs: source.timeMs, over: AbortSignal.timeout(source.timeMs) };
  const built = new Map<string, string>();
  let sizeBytes = 0;
  for (const [name, { dockerfile, context, target }] of Object.entries(plan.images)) {
    source.output.write(`=== Building ${name} (${dockerfile})\n`);
    const made = await builder.build({
      context: join(source.folder, context),
      dockerfile: context === '.' ? dockerfile : dockerfile.slice(context.length + 1),
      ...(target === undefined ? {} : { target }),
      buildArgs: plan.buildArgs,
      output: source.output,
      signal: source.signal,
      time,
    });
    built.set(name, made.image);
    sizeBytes += made.sizeBytes;
  }
  const processes = Object.entries({ ...plan.run, ...(plan.release === undefined ? {} : { release: plan.release }) });
  return {
    // heroku.yml names only images that it builds: the parser has seen to that.
    images: Object.fromEntries(processes.map(([type, { image }]) => [type, built.get(image) ?? ''])),
    processTypes: Object.fromEntries(processes.map(([type, { command }]) => [type, command ?? ''])),
    sizeBytes,
  };
};
