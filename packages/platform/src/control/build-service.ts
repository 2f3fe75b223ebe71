import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { BuildSource, Builds } from '../api/services.ts';
import { type AppJson, parseAppJson } from '../build/app-json.ts';
import { BuildFailed } from '../build/build-failed.ts';
import { compileSlug, reapBuild } from '../build/compile-slug.ts';
import type { Runtimes } from '../build/runtimes.ts';
import type { BuildLimits } from '../build/slug-build.ts';
import { sourceDigest } from '../build/source-digest.ts';
import { readSourceFile } from '../build/source-file.ts';
import { conflict } from '../contract/platform-error.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { AppId } from '../domain/ids.ts';
import { type LogSink, nowUs } from '../domain/log-line.ts';
import type { Push } from '../git/receive-service.ts';
import type { Actor } from '../release/releases.ts';
import { type App, apps } from '../store/apps.ts';
import { buildpackInstallations } from '../store/buildpack-installations.ts';
import { type Build, builds } from '../store/builds.ts';
import { type Release, releases as releaseRows } from '../store/releases.ts';
import { type Slug, slugs } from '../store/slugs.ts';
import { archivedTree, pushedTree, type SourceTree } from './build-source.ts';
import { type FirstPushParts, setUpApp } from './first-push.ts';
import type { OutputFiles } from './output-files.ts';

export interface BuildServiceParts extends FirstPushParts {
  readonly data: DataFolder;
  readonly runtimes: Runtimes;
  readonly outputs: OutputFiles;
  readonly limits: BuildLimits;
  readonly log: LogSink;
  readonly appUrl: (name: string) => string;
  /** Runs app.json's postdeploy script in a one-off dyno; answers its exit status. */
  readonly postdeploy: (app: App, release: Release, command: string, output: Writable) => Promise<number>;
  readonly onFault: (error: unknown) => void;
}

/** Who pushes to which app, as `serveGit` hands it to the hook. */
export interface PushContext {
  readonly appId: AppId;
  readonly by: Actor;
}

interface Job {
  readonly app: App;
  readonly by: Actor;
  readonly build: Build;
  readonly tree: SourceTree;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** What a slug is made of, beside the source. */
interface Recipe {
  readonly buildpacks: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly digest: string;
}

const busyText = 'Another build of this app is running. Wait until it has ended, then try again.';

/** Turns source into releases: one build an app at a time, whoever asked for it. */
export class BuildService implements Builds {
  private readonly running = new Map<AppId, AbortController>();
  private readonly parts: BuildServiceParts;

  constructor(parts: BuildServiceParts) {
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
      void this.perform({ app, by, build, tree, output: file, signal: abort.signal })
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
        return await this.perform({ app, by: context.by, build, tree, output, signal: abort.signal });
      } finally {
        output.end();
        await finished(file).catch(() => {});
      }
    } finally {
      this.running.delete(app.id);
    }
  }

  /** Cancels the app's build, such as when the app is destroyed. */
  cancel(appId: AppId): void {
    this.running.get(appId)?.abort();
  }

  /** At start: fails builds that a process before this one had begun, and removes what they left. */
  async failInterrupted(): Promise<void> {
    for (const build of await builds.pending(this.parts.db)) {
      await reapBuild(build.id, [this.buildFolder(build), this.sourceFolder(build)]);
      const reason = 'Ravine was restarted during this build. Push again.';
      await builds.finish(this.parts.db, build.id, { status: 'failed', failureReason: reason });
      this.say(build.appId, `Build failed -- ${reason}`);
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

  /** The whole of one build, to the end of its release phase; its row is finished whatever happens. */
  private async perform(job: Job): Promise<'accepted' | 'rejected'> {
    const { app, build, by, output } = job;
    this.say(app.id, `Build started by user ${by.email}`);
    try {
      const { slug, appJson, firstRelease } = await this.makeSlug(job);
      const release = await this.release(job, slug, appJson, firstRelease);
      if (release.status !== 'succeeded') {
        output.write(
          `\n !     Release v${release.version} failed: ${release.failureReason ?? 'see its output'}\n !     The release before it is still running.\n\n`,
        );
        await builds.finish(this.parts.db, build.id, {
          status: 'failed',
          failureReason: `release v${release.version} failed`,
          slugId: slug.id,
          releaseId: release.id,
        });
        return 'rejected';
      }
      await builds.finish(this.parts.db, build.id, { status: 'succeeded', slugId: slug.id, releaseId: release.id });
      if (firstRelease && appJson?.postdeploy !== undefined) await this.runPostdeploy(job, release, appJson.postdeploy);
      output.write(`       ${this.parts.appUrl(app.name)} deployed to Ravine\n\n`);
      return 'accepted';
    } catch (error) {
      const reason =
        error instanceof BuildFailed ? error.message : "A fault of Ravine; the platform's log has the cause.";
      if (!(error instanceof BuildFailed)) {
        this.parts.onFault(error);
        output.write(`\n !     ${reason}\n !     Push failed\n\n`);
      }
      this.say(app.id, 'Build failed -- check your build output');
      await builds.finish(this.parts.db, build.id, { status: 'failed', failureReason: reason });
      return 'rejected';
    }
  }

  /** Compiles the source, unless a slug made of exactly the same parts is still there. */
  private async makeSlug(job: Job): Promise<{ slug: Slug; appJson: AppJson | undefined; firstRelease: boolean }> {
    const { db } = this.parts;
    const { tree, build, output } = job;
    try {
      const { appJson, firstRelease, ...recipe } = await this.prepare(job).catch((error: unknown) => {
        // What compileSlug throws it has explained by itself.
        if (error instanceof BuildFailed)
          output.write(`\n${error.message.replaceAll(/^/gm, ' !     ')}\n !\n !     Push failed\n\n`);
        throw error;
      });
      const same = await slugs.byDigest(db, job.app.id, recipe.digest);
      if (same === undefined) return { slug: await this.compile(job, recipe), appJson, firstRelease };
      output.write('-----> Source, config and buildpacks are those of an earlier build: using its slug\n');
      const name = { commit: tree.commit, commitDescription: tree.description };
      return {
        slug: same.commit === tree.commit ? same : await slugs.relabel(db, same.id, name),
        appJson,
        firstRelease,
      };
    } finally {
      await rm(this.sourceFolder(build), { recursive: true, force: true });
    }
  }

  /** Fetches the source and, on an app's first push, sets the app up as its app.json asks. */
  private async prepare({
    app,
    by,
    build,
    tree,
    output,
    signal,
  }: Job): Promise<Recipe & { appJson: AppJson | undefined; firstRelease: boolean }> {
    const { db, releases } = this.parts;
    const treeId = await tree.unpack(this.sourceFolder(build), signal);
    if (app.buildStack === 'container') {
      throw new BuildFailed(
        'stack_unavailable',
        'The container stack needs a container engine, which this version of Ravine does not use yet.\nChoose another with `heroku stack:set heroku-24`.',
      );
    }
    const text = await readSourceFile(this.sourceFolder(build), 'app.json');
    const appJson = text === undefined ? undefined : parseAppJson(text);
    const firstRelease = (await releaseRows.newest(db, app.id))?.slugId == null;
    if (firstRelease && appJson !== undefined) await setUpApp(this.parts, app, by, appJson, output, signal);
    const env = await releases.config(app.id);
    const buildpacks = build.buildpacks.length > 0 ? build.buildpacks : await buildpackInstallations.ofApp(db, app.id);
    return {
      appJson,
      firstRelease,
      env,
      buildpacks,
      digest: sourceDigest({ treeId, buildpacks, env, stack: app.buildStack }),
    };
  }

  private async compile({ app, build, tree, output, signal }: Job, made: Recipe): Promise<Slug> {
    const { db, data } = this.parts;
    const slug = await slugs.insert(db, {
      appId: app.id,
      commit: tree.commit,
      commitDescription: tree.description,
      checksum: `SHA256:${made.digest}`,
      sourceDigest: made.digest,
      sizeBytes: null,
      processTypes: {},
      stack: app.buildStack,
      buildpackProvidedDescription: null,
    });
    try {
      const compiled = await compileSlug({
        id: build.id,
        sourceFolder: this.sourceFolder(build),
        buildFolder: this.buildFolder(build),
        cacheFolder: data.cache(app.id),
        slugFolder: data.slug(slug.id),
        runtimes: this.parts.runtimes,
        buildpacks: made.buildpacks,
        env: made.env,
        output,
        signal,
        limits: this.parts.limits,
        uid: process.getuid?.() === 0 ? app.uid : undefined,
        stack: app.buildStack,
        sourceVersion: tree.commit ?? '',
      });
      return await slugs.finish(db, slug.id, {
        sizeBytes: compiled.sizeBytes,
        processTypes: compiled.processTypes,
        buildpackProvidedDescription: compiled.buildpackDescription,
      });
    } catch (error) {
      await slugs.markRemoved(db, slug.id);
      throw error;
    }
  }

  private async release(
    { app, by, tree, output }: Job,
    slug: Slug,
    appJson: AppJson | undefined,
    first: boolean,
  ): Promise<Release> {
    const { releases, outputs, data } = this.parts;
    output.write('-----> Launching...\n');
    this.say(app.id, 'Build succeeded');
    const short = tree.commit?.slice(0, 8) ?? 'archive';
    const release = await releases.releaseSlug(app, by, {
      slug,
      description: `Deploy ${short}`,
      requestKey: null,
      ...(first && appJson !== undefined ? { formation: appJson.formation } : {}),
    });
    this.say(app.id, `Deploy ${short} by user ${by.email}`);
    if (release.status === 'pending') {
      output.write(' !     Release command declared: this release becomes current when it has succeeded.\n');
      const done = releases.finished(release.id);
      const ended = new AbortController();
      const follow = this.copyOutput(data.releaseOutput(release.id), outputs, output, ended.signal);
      const settled = await done;
      await Promise.race([follow, new Promise((resolve) => setTimeout(resolve, 1000))]);
      ended.abort();
      if (settled.status !== 'succeeded') return settled;
    }
    output.write(`       Released v${release.version}\n`);
    return (await releaseRows.byId(this.parts.db, release.id)) ?? release;
  }

  /** Shows what the release command writes while it runs. */
  private async copyOutput(path: string, outputs: OutputFiles, to: Writable, signal: AbortSignal): Promise<void> {
    const stream = await outputs.appears(path, signal);
    if (stream === undefined) return;
    try {
      for await (const chunk of stream) to.write(chunk);
    } catch {
      // The phase has ended, or its output can't be read: its outcome is told either way.
    }
  }

  private async runPostdeploy({ app, output }: Job, release: Release, command: string): Promise<void> {
    output.write(`-----> Running postdeploy script: ${command}\n`);
    const status = await this.parts.postdeploy(app, release, command, output);
    if (status !== 0)
      output.write(
        ` !     The postdeploy script ended with status ${status}; the release stays. Run it again with \`heroku run\`.\n`,
      );
  }

  private sourceFolder(build: Build): string {
    return join(this.parts.data.builds, `${build.id}.source`);
  }

  private buildFolder(build: Build): string {
    return join(this.parts.data.builds, build.id);
  }

  private say(appId: AppId, text: string): void {
    this.parts.log(appId, [{ atUs: nowUs(), source: 'app', dyno: 'api', text }]);
  }
}
