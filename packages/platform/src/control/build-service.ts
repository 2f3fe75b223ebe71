import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { PassThrough, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { BuildSource, Builds } from '../api/services.ts';
import { reapBuild } from '../build/compile-slug.ts';
import { conflict, invalidParams } from '../contract/platform-error.ts';
import type { AppId } from '../domain/ids.ts';
import { type Branch, findCommit, listBranches } from '../git/branches.ts';
import { type Push, PusherGone } from '../git/receive-hook.ts';
import type { Actor } from '../release/releases.ts';
import { type App, apps } from '../store/apps.ts';
import { buildpackInstallations } from '../store/buildpack-installations.ts';
import { type Build, builds } from '../store/builds.ts';
import { releases } from '../store/releases.ts';
import { slugs } from '../store/slugs.ts';
import { type BuildParts, buildFolder, sayOf, sourceFolder } from './build-job.ts';
import { archivedTree, committedTree, type SourceTree } from './build-source.ts';
import { BuildTurn } from './build-turn.ts';
import { runBuild } from './run-build.ts';

/** Who pushes what to which app. */
export interface AppPush extends Push {
  readonly appId: AppId;
  readonly by: Actor;
}

const busyText = 'Another build of this app is running. Wait until it has ended, then try again.';
const pusherGoneText = 'The build was cancelled because its pusher went away. Push again.';

/** Turns source into releases: one build an app at a time, whoever asked for it. */
export class BuildService implements Builds {
  private readonly running = new Map<AppId, BuildTurn>();
  private readonly parts: BuildParts;

  constructor(parts: BuildParts) {
    this.parts = parts;
  }

  /** A build asked for over the API; goes on after the answer. */
  start(app: App, by: Actor, source: BuildSource, requestKey: string | null): Promise<Build> {
    const { url, buildpacks } = source;
    return this.begin(app, by, { sourceUrl: url, requestKey }, async () => ({
      tree: archivedTree(source),
      buildpacks,
    }));
  }

  branches(app: App): Promise<readonly Branch[]> {
    return listBranches(this.parts.data.repository(app.id));
  }

  startAgain(app: App, by: Actor, ref: string, requestKey: string | null): Promise<Build> {
    return this.begin(app, by, { sourceUrl: null, requestKey }, async () => {
      const repoFolder = this.parts.data.repository(app.id);
      const sha = await findCommit(repoFolder, ref);
      if (sha === undefined) {
        throw invalidParams(
          `source_blob.ref: nothing that was pushed to ${app.name} is called ${JSON.stringify(ref)}. Expected a branch, a tag or the id of a commit; GET /apps/${app.name}/branches lists branches.`,
        );
      }
      const buildpacks = await buildpackInstallations.ofApp(this.parts.db, app.id);
      return { tree: await committedTree({ repoFolder, sha }), buildpacks };
    });
  }

  private async begin(
    app: App,
    by: Actor,
    from: { readonly sourceUrl: string | null; readonly requestKey: string | null },
    find: () => Promise<{ readonly tree: SourceTree; readonly buildpacks: readonly string[] }>,
  ): Promise<Build> {
    const { requestKey } = from;
    const before = requestKey === null ? undefined : await builds.byRequestKey(this.parts.db, requestKey);
    if (before !== undefined) return before;
    const turn = this.claim(app.id);
    if (turn === undefined) throw conflict(busyText);
    try {
      const { tree, buildpacks } = await find();
      const build = await this.note(turn, app, by, tree, buildpacks, from);
      const file = await this.parts.outputs.write(this.parts.data.buildOutput(build.id));
      void runBuild(this.parts, { app, by, build, tree, output: file, turn })
        .catch(this.parts.onFault)
        .finally(() => {
          file.end();
          this.release(app.id, turn);
        });
      return build;
    } catch (error) {
      this.release(app.id, turn);
      throw error;
    }
  }

  /**
   * A push; what it prints goes to the pusher as well. When nobody waits for it any more it is cancelled, unless its
   * release is being made already. @returns whether the branch may move
   */
  async push(push: AppPush, toPusher: Writable, signal: AbortSignal): Promise<'accepted' | 'rejected'> {
    const app = await apps.find(this.parts.db, push.appId);
    if (app === undefined) {
      toPusher.write(' !     The app is gone.\n');
      return 'rejected';
    }
    const turn = this.claim(app.id);
    if (turn === undefined) {
      toPusher.write(` !     ${busyText}\n`);
      return 'rejected';
    }
    const leave = (): void => {
      if (signal.reason instanceof PusherGone) turn.cancel(pusherGoneText);
    };
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    try {
      const [tree, buildpacks] = await Promise.all([
        committedTree({ repoFolder: push.repoFolder, env: push.env, sha: push.newSha }),
        buildpackInstallations.ofApp(this.parts.db, app.id),
      ]);
      const build = await this.note(turn, app, push.by, tree, buildpacks, { sourceUrl: null, requestKey: null });
      const file = await this.parts.outputs.write(this.parts.data.buildOutput(build.id));
      const output = new PassThrough();
      output.pipe(file);
      output.on('data', (chunk: Buffer) => toPusher.write(chunk));
      try {
        return await runBuild(this.parts, { app, by: push.by, build, tree, output, turn });
      } finally {
        output.end();
        await finished(file).catch(() => {});
      }
    } finally {
      signal.removeEventListener('abort', leave);
      this.release(app.id, turn);
    }
  }

  async cancel(build: Build, by: Actor): Promise<boolean> {
    const turn = this.running.get(build.appId);
    if (turn?.buildId !== build.id || !turn.cancel(`The build was cancelled by ${by.email}.`)) return false;
    await turn.ended;
    return true;
  }

  /** Whether no build of any app is under way. */
  get isIdle(): boolean {
    return this.running.size === 0;
  }

  /** The app is destroyed: cancels its build; answers whether there is one still to end. */
  forget(appId: AppId): boolean {
    const turn = this.running.get(appId);
    turn?.cancel('The app was destroyed.');
    return turn !== undefined;
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

  private claim(appId: AppId): BuildTurn | undefined {
    if (this.running.has(appId)) return undefined;
    const turn = new BuildTurn();
    this.running.set(appId, turn);
    return turn;
  }

  private release(appId: AppId, turn: BuildTurn): void {
    this.running.delete(appId);
    turn.end();
  }

  private async note(
    turn: BuildTurn,
    app: App,
    by: Actor,
    tree: SourceTree,
    buildpacks: readonly string[],
    from: { sourceUrl: string | null; requestKey: string | null },
  ): Promise<Build> {
    const build = await builds.insert(this.parts.db, {
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
    turn.buildId = build.id;
    return build;
  }
}
