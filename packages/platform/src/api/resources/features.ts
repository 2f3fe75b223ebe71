import { appFeatures, type FeatureEntry } from '../../contract/features.data.ts';
import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { featureShape } from '../../contract/shapes/catalogue.ts';
import { features } from '../../store/features.ts';
import { list, ok } from '../answer.ts';
import { type Call, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

export const featureEndpoints = ({ db, runtime }: Pick<Services, 'db' | 'runtime'>): Endpoint[] => [
  onApp('GET', '/apps/:app/features', 'view', async (call) => {
    const states = await features.ofApp(db, call.app.id);
    const all = appFeatures.map((feature) =>
      featureShape(
        feature,
        states.find((state) => state.name === feature.name),
      ),
    );
    return list(call.headers.range, all, ['id', 'name']);
  }),
  onApp('GET', '/apps/:app/features/:feature', 'view', async (call) => {
    const feature = find(call);
    const states = await features.ofApp(db, call.app.id);
    return ok(
      featureShape(
        feature,
        states.find((state) => state.name === feature.name),
      ),
    );
  }),
  onApp('PATCH', '/apps/:app/features/:feature', 'operate', async (call) => {
    const feature = find(call);
    const enabled = new Fields(call.body).flag('enabled');
    if (enabled === undefined) throw invalidParams('enabled is required: expected true or false.');
    await features.setForApp(db, call.app.id, feature.name, enabled);
    runtime.nudge(call.app.id);
    return ok(featureShape(feature, { enabled, updatedAt: new Date() }));
  }),
];

const find = (call: Call): FeatureEntry => {
  const name = param(call, 'feature');
  const feature = appFeatures.find((entry) => entry.name === name || featureShape(entry, undefined).id === name);
  if (feature === undefined) throw notFound('feature', `Couldn't find that app feature (${name}).`);
  return feature;
};
