import { randomUUID } from 'node:crypto';
import type { Duplex, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { DataFolder } from '../domain/data-folder.ts';
import { defaultDynoSize } from '../domain/dyno-size.data.ts';
import type { AppId, DynoId } from '../domain/ids.ts';
import type { PhaseOutcome } from '../release/ports.ts';
import type { Driver, DynoSpec } from '../runtime/driver.ts';
import { type OneOff, type ReleasePhaseEnd, runReleasePhase } from '../runtime/one-off.ts';
import type { DesiredPort, LogPort } from '../runtime/ports.ts';
import type { App } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import { type Release, releases } from '../store/releases.ts';
import type { OutputFiles } from './output-files.ts';

export interface ReleaseCommandParts {
  readonly db: Database;
  readonly data: DataFolder;
  readonly driver: Driver;
  /** Runs a dyno from an image and keeps its files. @throws DriverError while there is no container engine. */
  readonly runKept: RunKept;
  readonly logs: LogPort;
  readonly desired: DesiredPort;
  readonly outputs: OutputFiles;
  readonly signal: AbortSignal;
}

/** @returns the exit status, and the image with what the dyno wrote to its files as one more layer. */
type RunKept = (spec: DynoSpec, stream: Duplex, signal: AbortSignal) => Promise<{ exitCode: number; image: string }>;

/** Runs commands in one-off dynos of a release that is being made. */
export class ReleaseCommands {
  private readonly parts: ReleaseCommandParts;
  private readonly running = new Set<{ readonly appId: AppId; readonly destroyed: AbortController }>();

  constructor(parts: ReleaseCommandParts) {
    this.parts = parts;
  }

  /** The release phase; its output is kept for `heroku releases:output`, the files of an image in the release. */
  async phase(app: App, release: Release): Promise<PhaseOutcome> {
    const output = await this.parts.outputs.write(this.parts.data.releaseOutput(release.id));
    try {
      const dyno = await this.dyno(app, release, `release.${release.version}`, release.processTypes.release ?? '');
      const artifact = dyno.release.artifact('release');
      if (artifact.kind === 'slug') return outcomeOf(await this.run(dyno, this.parts.driver, output));
      return await this.keptPhase(release, artifact.image, dyno, output);
    } finally {
      output.end();
      await finished(output);
    }
  }

  /** app.json's postdeploy; answers its exit status. */
  async postdeploy(app: App, release: Release, command: string, output: Writable): Promise<number> {
    const end = await this.run(await this.dyno(app, release, 'postdeploy.1', command), this.parts.driver, output);
    return end.kind === 'exited' ? end.exitCode : 1;
  }

  /** The app is destroyed: ends its commands. */
  forget(appId: AppId): void {
    for (const command of this.running) if (command.appId === appId) command.destroyed.abort();
  }

  /** Every process type that runs from the release command's image runs from what that has become. */
  private async keptPhase(release: Release, image: string, dyno: OneOff, output: Writable): Promise<PhaseOutcome> {
    const { db, runKept } = this.parts;
    let kept = image;
    const runAttached: Driver['runAttached'] = async (spec, stream, _terminal, signal) => {
      const ended = await runKept(spec, stream, signal);
      kept = ended.image;
      return ended.exitCode;
    };
    const outcome = outcomeOf(await this.run(dyno, { runAttached }, output));
    if (!outcome.ok || kept === image) return outcome;
    const types = Object.keys(release.processTypes).filter((type) => {
      const artifact = dyno.release.artifact(type);
      return artifact.kind === 'image' && artifact.image === image;
    });
    await releases.keepImages(db, release.id, Object.fromEntries(types.map((type) => [type, kept])));
    return outcome;
  }

  private async dyno(app: App, release: Release, name: string, command: string): Promise<OneOff> {
    const contents = await this.parts.desired.release(release.id);
    if (contents === undefined) throw new Error(`the code of v${release.version} is gone`);
    const id = randomUUID() as DynoId; // a UUID like the store's own
    return { id, appId: app.id, uid: app.uid, name, command, size: defaultDynoSize, release: contents };
  }

  private async run(dyno: OneOff, driver: Pick<Driver, 'runAttached'>, output: Writable): Promise<ReleasePhaseEnd> {
    const { logs, signal } = this.parts;
    const command = { appId: dyno.appId, destroyed: new AbortController() };
    this.running.add(command);
    try {
      const either = AbortSignal.any([signal, command.destroyed.signal]);
      return await runReleasePhase({ driver, logs }, dyno, { output, signal: either });
    } finally {
      this.running.delete(command);
    }
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
  return { ok: false, reason: 'the release command was stopped, with Ravine or because the app was destroyed' };
};
