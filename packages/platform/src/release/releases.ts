import { randomBytes } from 'node:crypto';
import { credentialOf } from '../contract/credential-namespace.ts';
import { invalidParams } from '../contract/platform-error.ts';
import type { AddOnId, AppId, ReleaseId } from '../domain/ids.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type AddOn, addOns } from '../store/add-ons.ts';
import { type App, apps } from '../store/apps.ts';
import { type Attachment, attachments } from '../store/attachments.ts';
import { configVars } from '../store/config-vars.ts';
import { type Credential, credentials } from '../store/credentials.ts';
import { type Database, isUniqueViolation } from '../store/database.ts';
import { type Release, releases } from '../store/releases.ts';
import { type Slug, slugs } from '../store/slugs.ts';
import {
  addOnConfigContext,
  type Config,
  configVarContext,
  credentialContext,
  currentParts,
  openConfig,
  releaseConfigContext,
} from './app-config.ts';
import { type Actor, type FormationWish, type NextRelease, nextRelease } from './next-release.ts';
import type { ReleaseEvents } from './ports.ts';
import { ReleasePhases } from './release-phases.ts';

export type { Actor, FormationWish } from './next-release.ts';

type Step = Omit<NextRelease, 'outputSecret'>;

/** Every change of an app that makes a release, each in one transaction. */
export class Releases {
  private readonly phases: ReleasePhases;
  private readonly db: Database;
  private readonly keyring: Keyring;
  private readonly events: ReleaseEvents;

  constructor(db: Database, keyring: Keyring, events: ReleaseEvents) {
    this.db = db;
    this.keyring = keyring;
    this.events = events;
    this.phases = new ReleasePhases(db, keyring, events);
  }

  /** Resolves when the release's phase, if it has one, has ended; at once for all others. */
  finished(id: ReleaseId): Promise<Release> {
    return this.phases.finished(id);
  }

  /** Whether a release command of the app runs, or waits for its turn. */
  hasPhase(appId: AppId): boolean {
    return this.phases.isBusy(appId);
  }

  /** Called once at start: fails what an earlier process left half-way. */
  failInterrupted(): Promise<void> {
    return this.phases.failInterrupted();
  }

  /** Makes an app with the two releases every Heroku app begins with. */
  async createApp(input: {
    name: string;
    owner: Actor;
    region: string;
    stack: string;
    requestKey: string | null;
  }): Promise<App> {
    const { owner, ...row } = input;
    const made = await this.db
      .transaction()
      .execute(async (tx) => {
        const app = await apps.insert(tx, { ...row, ownerId: owner.id });
        for (const description of ['Initial release', 'Enable Logplex']) {
          await this.make(tx, app, { by: owner, description });
        }
        return app;
      })
      .catch((error: unknown) => {
        if (isUniqueViolation(error, 'apps_name_key')) throw invalidParams(`Name ${input.name} is already taken`);
        throw error;
      });
    return (await apps.find(this.db, made.id)) ?? made;
  }

  /** All config vars as they are now, those of attachments included. */
  async config(appId: AppId): Promise<Config> {
    return (await currentParts(this.db, this.keyring, appId)).all;
  }

  /** All config vars of one release. */
  configOf(release: Release): Config {
    return openConfig(this.keyring, release.sealedConfig, releaseConfigContext(release.appId));
  }

  /**
   * Sets (text) and unsets (null) config vars; a patch that changes nothing makes no release.
   * @throws PlatformError when a var belongs to an attachment.
   */
  async setConfig(
    app: App,
    by: Actor,
    patch: Readonly<Record<string, string | null>>,
    requestKey: string | null,
  ): Promise<Config> {
    await this.change(app, async (tx) => {
      const { own, attached } = await currentParts(tx, this.keyring, app.id);
      const taken = Object.values(attached).flatMap((vars) => Object.keys(vars));
      const blocked = Object.keys(patch).filter((name) => taken.includes(name));
      if (blocked.length > 0) throw invalidParams(`Cannot overwrite attachment values ${blocked.join(', ')}.`);
      const set = Object.entries(patch).flatMap(([name, value]) =>
        value !== null && own[name] !== value ? [{ name, value }] : [],
      );
      const unset = Object.keys(patch).filter((name) => patch[name] === null && own[name] !== undefined);
      if (set.length + unset.length === 0) return undefined;
      for (const { name, value } of set) {
        await configVars.set(tx, app.id, name, this.keyring.sealJson(value, configVarContext(app.id, name)));
      }
      for (const name of unset) await configVars.unset(tx, app.id, name);
      return {
        by,
        description: describeConfigChange(
          set.map(({ name }) => name),
          unset,
        ),
        requestKey,
      };
    });
    return this.config(app.id);
  }

  /** Notes an add-on to be provisioned and attaches it; its config vars are released when it is there. */
  provision(
    app: App,
    _by: Actor,
    wanted: {
      service: string;
      plan: string;
      addOnName: string;
      attachmentName: string;
      requestKey: string | null;
      options?: Readonly<Record<string, string>>;
    },
  ): Promise<AddOn> {
    return this.db.transaction().execute(async (tx) => {
      await this.locked(tx, app);
      const addOn = await addOns.insert(tx, {
        appId: app.id,
        name: wanted.addOnName,
        service: wanted.service,
        plan: wanted.plan,
        state: 'provisioning',
        sealedConfig: null,
        failureReason: null,
        requestKey: wanted.requestKey,
        options: JSON.stringify(wanted.options ?? {}),
      });
      await attachments.insert(tx, { addOnId: addOn.id, appId: app.id, name: wanted.attachmentName, namespace: null });
      return addOn;
    });
  }

  /** An add-on is there: keeps its config and releases it to every app that has it attached. */
  async provisioned(
    id: AddOnId,
    by: Actor,
    result: { config: Config; resource: Record<string, unknown> },
  ): Promise<void> {
    const made = await this.db.transaction().execute(async (tx) => {
      const addOn = await addOns.byId(tx, id);
      if (addOn?.state !== 'provisioning') return [];
      await addOns.update(tx, id, {
        state: 'provisioned',
        resource: result.resource,
        sealedConfig: this.keyring.sealJson(result.config, addOnConfigContext(id)),
        failureReason: null,
      });
      const steps: { app: App; release: Release }[] = [];
      for (const attachment of await attachments.ofAddOn(tx, id)) {
        const app = await apps.lock(tx, attachment.appId);
        if (app === undefined) continue;
        const release = await this.make(tx, app, { by, description: attachedText('Attach', attachment, addOn) });
        steps.push({ app, release });
      }
      return steps;
    });
    for (const { app, release } of made) this.announce(app, release);
  }

  /** An add-on has got other config: keeps it and releases it to every app that has it attached. */
  async reconfigured(
    id: AddOnId,
    by: Actor,
    result: { config: Config; resource: Record<string, unknown> },
  ): Promise<void> {
    const sealedConfig = this.keyring.sealJson(result.config, addOnConfigContext(id));
    await this.reissue(id, by, undefined, async (tx) => {
      await addOns.update(tx, id, { resource: result.resource, sealedConfig });
    });
  }

  /** A credential beside the default one has got other config: as {@link reconfigured}, for its attachments. */
  async credentialChanged(
    id: AddOnId,
    by: Actor,
    result: { name: string; state: Credential['state']; config: Config },
  ): Promise<void> {
    const { name, state, config } = result;
    const sealedConfig = this.keyring.sealJson(config, credentialContext(id, name));
    await this.reissue(id, by, name, (tx) => credentials.put(tx, { addOnId: id, name, state, sealedConfig }));
  }

  private async reissue(
    id: AddOnId,
    by: Actor,
    credential: string | undefined,
    note: (tx: Database) => Promise<void>,
  ): Promise<void> {
    const made = await this.db.transaction().execute(async (tx) => {
      const addOn = await addOns.byId(tx, id);
      if (addOn?.state !== 'provisioned') throw invalidParams('The add-on is not there any more.');
      await note(tx);
      const steps: { app: App; release: Release }[] = [];
      for (const attachment of await attachments.ofAddOn(tx, id)) {
        if (credentialOf(attachment.namespace) !== credential) continue;
        const app = await apps.lock(tx, attachment.appId);
        if (app === undefined) continue;
        const description = `Update ${attachment.name} by ${addOn.service}`;
        const release = await this.make(tx, app, { by, description, addOnConfigOnly: true });
        steps.push({ app, release });
      }
      return steps;
    });
    for (const { app, release } of made) this.announce(app, release);
  }

  /** Attaches an existing add-on under a name. @throws PlatformError when the name is in use. */
  async attach(
    app: App,
    by: Actor,
    wanted: { addOnId: AddOnId; name: string; namespace: string | null; replace?: boolean },
  ): Promise<Attachment> {
    let made: Attachment | undefined;
    await this.change(app, async (tx) => {
      const addOn = await addOns.byId(tx, wanted.addOnId);
      if (addOn === undefined) throw invalidParams('The add-on to attach is gone.');
      const before = await attachments.byName(tx, app.id, wanted.name);
      if (before !== undefined && wanted.replace !== true) {
        throw invalidParams(`Name ${wanted.name} is already in use by another attachment of ${app.name}.`);
      }
      if (before !== undefined) await attachments.remove(tx, before.id);
      made = await attachments.insert(tx, {
        addOnId: addOn.id,
        appId: app.id,
        name: wanted.name,
        namespace: wanted.namespace,
      });
      return { by, description: attachedText('Attach', made, addOn) };
    });
    if (made === undefined) throw new Error('the attachment was not made');
    return made;
  }

  /** Takes an attachment and its config vars away. */
  async detach(app: App, by: Actor, attachment: Attachment): Promise<void> {
    await this.change(app, async (tx) => {
      const addOn = await addOns.byId(tx, attachment.addOnId);
      await attachments.remove(tx, attachment.id);
      return { by, description: attachedText('Detach', attachment, addOn) };
    });
  }

  /** Detaches an add-on from every app and lets it be removed with its data. */
  async deprovision(app: App, by: Actor, addOn: AddOn): Promise<AddOn> {
    const { made, gone } = await this.db.transaction().execute(async (tx) => {
      await this.locked(tx, app);
      return {
        made: await this.detachEverywhere(tx, by, addOn),
        gone: await addOns.update(tx, addOn.id, { state: 'deprovisioning' }),
      };
    });
    for (const step of made) this.announce(step.app, step.release);
    return gone;
  }

  /** The app is gone for everybody from now on; what it owned is removed behind it. */
  async destroyApp(app: App, by: Actor): Promise<void> {
    const made = await this.db.transaction().execute(async (tx) => {
      await this.locked(tx, app);
      const steps: { app: App; release: Release }[] = [];
      for (const addOn of await addOns.ofApp(tx, app.id)) {
        steps.push(...(await this.detachEverywhere(tx, by, addOn, app.id)));
        await addOns.update(tx, addOn.id, { state: 'deprovisioning' });
      }
      await apps.markDeleted(tx, app.id);
      return steps;
    });
    for (const step of made) this.announce(step.app, step.release);
  }

  /** A new release with an old one's code and config vars (Dev Center "Releases", Rollback); add-ons stay as they are. */
  rollback(app: App, by: Actor, to: Release, requestKey: string | null): Promise<Release> {
    return this.changed(app, async (tx) => {
      const slug = to.slugId === null ? undefined : await slugs.byId(tx, to.slugId);
      if (slug?.blobState !== 'present') {
        throw invalidParams(
          slug === undefined
            ? `Release v${to.version} has no code to roll back to; choose a release made by a build.`
            : `The slug of v${to.version} is no longer kept; choose a newer release.`,
        );
      }
      if (to.status !== 'succeeded')
        throw invalidParams(`Release v${to.version} did not succeed; choose another release.`);
      await configVars.clear(tx, app.id);
      const own = openConfig(this.keyring, to.sealedOwnConfig, releaseConfigContext(app.id));
      for (const [name, value] of Object.entries(own)) {
        await configVars.set(tx, app.id, name, this.keyring.sealJson(value, configVarContext(app.id, name)));
      }
      return { by, description: `Rollback to v${to.version}`, slugId: slug.id, requestKey };
    });
  }

  /** Releases new code. */
  releaseSlug(
    app: App,
    by: Actor,
    code: { slug: Slug; description: string; requestKey: string | null; formation?: FormationWish },
  ): Promise<Release> {
    const { slug, ...rest } = code;
    return this.changed(app, () => Promise.resolve({ by, slugId: slug.id, ...rest }));
  }

  /** Chooses the stack for the next build; an app without code changes at once. */
  async setStack(app: App, _by: Actor, stack: string): Promise<App> {
    const current = await releases.current(this.db, app.id);
    return apps.update(this.db, app.id, current?.slugId == null ? { stack, buildStack: stack } : { buildStack: stack });
  }

  private async changed(app: App, change: (tx: Database) => Promise<Step>): Promise<Release> {
    const release = await this.change(app, change);
    if (release === undefined) throw new Error('a change that always makes a release made none');
    return release;
  }

  /** Applies a change and makes the release it describes, or none when it describes none. */
  private async change(app: App, change: (tx: Database) => Promise<Step | undefined>): Promise<Release | undefined> {
    const made = await this.db.transaction().execute(async (tx) => {
      const locked = await this.locked(tx, app);
      const step = await change(tx);
      return step && { release: await this.make(tx, locked, step), formation: step.formation };
    });
    if (made !== undefined) this.announce(app, made.release, made.formation);
    return made?.release;
  }

  private async detachEverywhere(
    tx: Database,
    by: Actor,
    addOn: AddOn,
    except?: AppId,
  ): Promise<{ app: App; release: Release }[]> {
    const steps: { app: App; release: Release }[] = [];
    for (const attachment of await attachments.ofAddOn(tx, addOn.id)) {
      await attachments.remove(tx, attachment.id);
      const app = attachment.appId === except ? undefined : await apps.lock(tx, attachment.appId);
      if (app === undefined || addOn.state !== 'provisioned') continue;
      steps.push({
        app,
        release: await this.make(tx, app, { by, description: attachedText('Detach', attachment, addOn) }),
      });
    }
    return steps;
  }

  private make(tx: Database, app: App, step: Step): Promise<Release> {
    return nextRelease(tx, this.keyring, app, { ...step, outputSecret: randomBytes(24).toString('base64url') });
  }

  private announce(app: App, release: Release, wanted: FormationWish = {}): void {
    if (release.status === 'pending') this.phases.start(app, release, wanted);
    this.events.onRelease(app, release);
  }

  private async locked(tx: Database, app: App): Promise<App> {
    const locked = await apps.lock(tx, app.id);
    if (locked === undefined) throw invalidParams(`The app ${app.name} has been destroyed meanwhile.`);
    return locked;
  }
}

/** `Set A, B config vars`, `Remove C config vars`, as `heroku releases` shows it. */
export const describeConfigChange = (set: readonly string[], unset: readonly string[]): string => {
  const phrase = (verb: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${verb} ${names.join(', ')}`];
  return `${[...phrase('Set', set), ...phrase('Remove', unset)].join(', ')} config vars`;
};

const attachedText = (verb: 'Attach' | 'Detach', attachment: Attachment, addOn: AddOn | undefined): string =>
  `${verb} ${attachment.name} (@ref:${addOn?.name ?? 'unknown'})`;
