import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { DataFolder } from '../domain/data-folder.ts';
import { defaultDynoSize } from '../domain/dyno-size.data.ts';
import type { DynoId } from '../domain/ids.ts';
import type { PhaseOutcome } from '../release/ports.ts';
import type { Driver } from '../runtime/driver.ts';
import { type ReleasePhaseEnd, runReleasePhase } from '../runtime/one-off.ts';
import type { DesiredPort, LogPort } from '../runtime/ports.ts';
import type { App } from '../store/apps.ts';
import type { Release } from '../store/releases.ts';
import type { OutputFiles } from './output-files.ts';

export interface ReleaseCommandParts {
  readonly data: DataFolder;
  readonly driver: Driver;
  readonly logs: LogPort;
  readonly desired: DesiredPort;
  readonly outputs: OutputFiles;
  readonly signal: AbortSignal;
}

/** Runs commands in one-off dynos of a release that is being made. */
export class ReleaseCommands {
  private readonly parts: ReleaseCommandParts;

  constructor(parts: ReleaseCommandParts) {
    this.parts = parts;
  }

  /** The release phase; its output is kept for `heroku releases:output`. */
  async phase(app: App, release: Release): Promise<PhaseOutcome> {
    const output = await this.parts.outputs.write(this.parts.data.releaseOutput(release.id));
    try {
      return outcomeOf(
        await this.run(app, release, `release.${release.version}`, release.processTypes.release ?? '', output),
      );
    } finally {
      output.end();
      await finished(output);
    }
  }

  /** app.json's postdeploy; answers its exit status. */
  async postdeploy(app: App, release: Release, command: string, output: Writable): Promise<number> {
    const end = await this.run(app, release, 'postdeploy.1', command, output);
    return end.kind === 'exited' ? end.exitCode : 1;
  }

  private async run(
    app: App,
    release: Release,
    name: string,
    command: string,
    output: Writable,
  ): Promise<ReleasePhaseEnd> {
    const { driver, logs, desired, signal } = this.parts;
    const contents = await desired.release(release.id);
    if (contents === undefined) throw new Error(`the slug of v${release.version} is gone`);
    const id = randomUUID() as DynoId; // a UUID like the store's own
    const oneOff = { id, appId: app.id, uid: app.uid, name, command, size: defaultDynoSize, release: contents };
    return runReleasePhase({ driver, logs }, oneOff, { output, signal });
  }
}

const outcomeOf = (end: ReleasePhaseEnd): PhaseOutcome => {
  if (end.kind === 'exited' && end.exitCode === 0) return { ok: true };
  if (end.kind === 'exited') return { ok: false, reason: `the release command ended with status ${end.exitCode}` };
  if (end.kind === 'timed-out')
    return {
      ok: false,
      reason: `the release command took longer than ${end.limitMs / 60_000} minutes and was stopped`,
    };
  return { ok: false, reason: 'the release command was stopped with Ravine' };
};
