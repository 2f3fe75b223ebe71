import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { PassThrough, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { BuildSource, Builds } from '../api/services.ts';
import { reapBuild } from '../build/compile-slug.ts';
import { conflict } from '../contract/platform-error.ts';
import type { AppId } from '../domain/ids.ts';
import type { Push } from '../git/receive-service.ts';
import type { Actor } from '../release/releases.ts';
import { type App, apps } from '../store/apps.ts';
import { buildpackInstallations } from '../store/buildpack-installations.ts';
import { type Build, builds } from '../store/builds.ts';
import { releases } from '../store/releases.ts';
import { slugs } from '../store/slugs.ts';
import { type BuildParts, buildFolder, sayOf, sourceFolder } from './build-job.ts';
import { archivedTree, pushedTree, type SourceTree } from './build-source.ts';
import { runBuild } from './run-build.ts';

/** Who pushes to which app, as `serveGit` hands it to the hook. */
export interface PushContext {
  readonly appId: AppId;
  readonly by: Actor;
}

const busyText = 'Another build of this app is running. Wait until it has ended, then try again.';

/** Turns source into releases: one build an app at a time, whoever asked for it. */
export class BuildService implements Builds {
  private readonly running = new Map<AppId, AbortController>();
  private readonly parts: BuildParts;

  constructor(parts: BuildParts) {
    this.parts = parts;
  }

  /** A build asked for over the API; goes on after the answer. */
  async start(app: App, by: Actor, source: BuildSource, requestKey: string | null): Promise<Build> {
    const before = requestKey === null ? undefined : await builds.byRequestKey(this.parts.db, requestKey);
    if (before !== undefined) return before;
    const abort = this.claim(app.id);
    if (abort === undefined) throw conflict(busyText);
    try {
      const tree = archivedTree(source);
      const build = await this.note(app, by, tree, source.buildpacks, { sourceUrl: source.url, requestKey });
      const file = await this.parts.outputs.write(this.parts.data.buildOutput(build.id));
      void runBuild(this.parts, { app, by, build, tree, output: file, signal: abort.signal })
        .catch(this.parts.onFault)
        .finally(() => {
          file.end();
          this.running.delete(app.id);
        });
      return build;
    } catch (error) {
      this.running.delete(app.id);
      throw error;
    }
  }

  /** A push; what it prints goes to the pusher as well. @returns whether the branch may move. */
  async push(push: Push, toPusher: Writable): Promise<'accepted' | 'rejected'> {
    const context = JSON.parse(push.context) as PushContext; // written by our own git endpoint
    const app = await apps.find(this.parts.db, context.appId);
    if (app === undefined) {
      toPusher.write(' !     The app is gone.\n');
      return 'rejected';
    }
    const abort = this.claim(app.id);
    if (abort === undefined) {
      toPusher.write(` !     ${busyText}\n`);
      return 'rejected';
    }
    try {
      const tree = await pushedTree(push);
      const buildpacks = await buildpackInstallations.ofApp(this.parts.db, app.id);
      const build = await this.note(app, context.by, tree, buildpacks, { sourceUrl: null, requestKey: null });
      const file = await this.parts.outputs.write(this.parts.data.buildOutput(build.id));
      const output = new PassThrough();
      output.pipe(file);
      output.on('data', (chunk: Buffer) => toPusher.write(chunk));
      try {
        // A build goes on when its pusher has gone: a lost connection must not lose the release.
        return await runBuild(this.parts, { app, by: context.by, build, tree, output, signal: abort.signal });
      } finally {
        output.end();
        await finished(file).catch(() => {});
      }
    } finally {
      this.running.delete(app.id);
    }
  }

  /** Cancels the app's build, such as when the app is destroyed; answers whether there is one still to end. */
  cancel(appId: AppId): boolean {
    const build = this.running.get(appId);
    build?.abort();
    return build !== undefined;
  }

  /** At start: ends builds that a process before this one had begun, and removes what they left; what was released stays. */
  async failInterrupted(): Promise<void> {
    const { data, db } = this.parts;
    for (const build of await builds.pending(db)) {
      await reapBuild(build.id, [buildFolder(data, build), sourceFolder(data, build)]);
      const { slugId } = build;
      const release = slugId === null ? undefined : await releases.ofSlugSince(db, slugId, build.createdAt);
      if (slugId !== null && release !== undefined) {
        await builds.finish(db, build.id, { status: 'succeeded', slugId, releaseId: release.id });
        continue;
      }
      const reason = 'Ravine was restarted during this build. Push again.';
      await builds.finish(db, build.id, { status: 'failed', failureReason: reason });
      sayOf(this.parts.log, build.appId, `Build failed -- ${reason}`);
    }
    for (const slug of await slugs.unfinished(this.parts.db)) {
      await rm(this.parts.data.slug(slug.id), { recursive: true, force: true });
      await slugs.markRemoved(this.parts.db, slug.id);
    }
  }

  private claim(appId: AppId): AbortController | undefined {
    if (this.running.has(appId)) return undefined;
    const abort = new AbortController();
    this.running.set(appId, abort);
    return abort;
  }

  private note(
    app: App,
    by: Actor,
    tree: SourceTree,
    buildpacks: readonly string[],
    from: { sourceUrl: string | null; requestKey: string | null },
  ): Promise<Build> {
    return builds.insert(this.parts.db, {
      appId: app.id,
      accountId: by.id,
      accountEmail: by.email,
      stack: app.buildStack,
      commit: tree.commit,
      commitDescription: tree.description,
      buildpacks,
      outputSecret: randomBytes(24).toString('base64url'),
      slugId: null,
      releaseId: null,
      failureReason: null,
      ...from,
    });
  }
}
