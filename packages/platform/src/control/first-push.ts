import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { randomAddOnName } from '../addons/add-on-name.ts';
import { attachmentName } from '../addons/attachment-name.ts';
import { resolvePlan } from '../addons/catalogue.ts';
import type { AddOnReconciler } from '../addons/reconciler.ts';
import type { AppJson } from '../build/app-json.ts';
import { BuildFailed } from '../build/build-failed.ts';
import type { HerokuYml } from '../build/heroku-yml.ts';
import { PlatformError } from '../contract/platform-error.ts';
import type { Actor, Releases } from '../release/releases.ts';
import { addOns } from '../store/add-ons.ts';
import type { App } from '../store/apps.ts';
import { attachments } from '../store/attachments.ts';
import { buildpackInstallations } from '../store/buildpack-installations.ts';
import type { Database } from '../store/database.ts';

/** What setting up an app takes. */
export interface FirstPushParts {
  readonly db: Database;
  readonly releases: Releases;
  readonly addOns: Pick<AddOnReconciler, 'onChange' | 'settled'>;
}

/** What a source asks for on an app's first push: app.json, or the setup of heroku.yml. */
export type FirstWishes = Pick<AppJson, 'env' | 'addOns' | 'buildpacks'> & { readonly file: 'app.json' | 'heroku.yml' };

/** heroku.yml's `setup` as the same wishes. */
export const wishesOfSetup = ({ addOns: plans, config }: HerokuYml['setup']): FirstWishes => ({
  file: 'heroku.yml',
  env: Object.fromEntries(Object.entries(config).map(([name, value]) => [name, { value, required: true }])),
  addOns: plans.map((addOn) => ({ ...addOn, options: {} })),
  buildpacks: [],
});

/**
 * Applies app.json or heroku.yml's setup to an app that has no code yet: config vars it lacks, add-ons it lacks, buildpacks if none are set.
 * Repeated after a failed push it adds only what is still missing.
 * @throws BuildFailed when a required config var is not set or an add-on can't be had.
 */
export const setUpApp = async (
  parts: FirstPushParts,
  app: App,
  by: Actor,
  wanted: FirstWishes,
  output: Writable,
  signal: AbortSignal,
): Promise<void> => {
  await setVars(parts, app, by, wanted, output);
  for (const addOn of wanted.addOns) await ensureAddOn(parts, app, by, { ...addOn, file: wanted.file }, output, signal);
  const { db } = parts;
  if (wanted.buildpacks.length > 0 && (await buildpackInstallations.ofApp(db, app.id)).length === 0) {
    await db.transaction().execute((tx) => buildpackInstallations.replace(tx, app.id, wanted.buildpacks));
  }
};

const setVars = async (
  { releases }: FirstPushParts,
  app: App,
  by: Actor,
  wanted: FirstWishes,
  output: Writable,
): Promise<void> => {
  const config = await releases.config(app.id);
  const patch: Record<string, string> = {};
  for (const [name, { value, generator, required }] of Object.entries(wanted.env)) {
    if (config[name] !== undefined) continue;
    if (generator === 'secret') patch[name] = randomBytes(32).toString('hex');
    else if (value !== undefined) patch[name] = value;
    else if (required) {
      throw new BuildFailed(
        'config_var_missing',
        `${wanted.file} asks for the config var ${name}, which has no default.\nSet it with \`heroku config:set ${name}=...\`, then push again.`,
      );
    }
  }
  const names = Object.keys(patch);
  if (names.length === 0) return;
  await releases.setConfig(app, by, patch, null);
  output.write(`-----> Setting config vars from ${wanted.file}: ${names.join(', ')}\n`);
};

const ensureAddOn = async (
  { db, releases, addOns: work }: FirstPushParts,
  app: App,
  by: Actor,
  wanted: AppJson['addOns'][number] & Pick<FirstWishes, 'file'>,
  output: Writable,
  signal: AbortSignal,
): Promise<void> => {
  const { file } = wanted;
  try {
    const plan = resolvePlan(wanted.plan);
    const own = await attachments.ofApp(db, app.id);
    const attached = await Promise.all(own.map((attachment) => addOns.byId(db, attachment.addOnId)));
    const present =
      wanted.as === undefined
        ? attached.some((addOn) => addOn?.service === plan.service.name)
        : own.some(({ name }) => name === wanted.as);
    if (present) return;
    output.write(`-----> Creating add-on ${plan.fullName} from ${file}... `);
    const taken = own.map(({ name }) => name);
    const name = attachmentName(plan.service, taken, Object.keys(await releases.config(app.id)), wanted.as);
    if (name.kind !== 'name') throw new BuildFailed('add_on_unavailable', name.message);
    const addOn = await releases.provision(app, by, {
      service: plan.service.name,
      plan: plan.name,
      addOnName: randomAddOnName(plan.service),
      attachmentName: name.name,
      requestKey: null,
    });
    work.onChange();
    const settled = await work.settled(addOn.id, signal);
    if (settled.kind !== 'provisioned') {
      throw new BuildFailed(
        'add_on_unavailable',
        `${addOn.name} could not be created: ${settled.kind === 'failed' ? settled.reason : 'it was destroyed meanwhile'}`,
      );
    }
    output.write(`done, ${addOn.name} as ${name.name}\n`);
  } catch (error) {
    if (error instanceof PlatformError)
      throw new BuildFailed('add_on_unavailable', `${file}, add-ons: ${error.message}`);
    throw error;
  }
};
