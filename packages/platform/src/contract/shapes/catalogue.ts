import type { AppFeature, DynoSize, Region, Stack } from '@heroku-cli/schema';
import type { FeatureEntry } from '../features.data.ts';
import { stableId } from '../stable-id.ts';
import { defaultStack, type StackEntry } from '../stacks.data.ts';
import { regionRef, stackRef } from './app.ts';
import { type Complete, timestamp } from './complete.ts';

export const stackShape = (stack: StackEntry): Complete<Stack> => ({
  ...stackRef(stack.name),
  created_at: timestamp(stack.createdAt),
  default: stack.name === defaultStack,
  state: stack.state,
  updated_at: timestamp(stack.createdAt),
});

const born = new Date('2026-01-01T00:00:00Z');

/** The one region: the machine itself. `provider` names no cloud, which the schema can't say. */
export const regionShape = (
  name: string,
): Omit<Complete<Region>, 'provider'> & { readonly provider: { readonly name: string; readonly region: string } } => ({
  ...regionRef(name),
  country: 'Here',
  created_at: timestamp(born),
  description: 'This machine',
  locale: 'Here',
  private_capable: false,
  provider: { name: 'ravine', region: name },
  updated_at: timestamp(born),
});

export const featureShape = (
  feature: FeatureEntry,
  state: { readonly enabled: boolean; readonly updatedAt: Date } | undefined,
): Complete<AppFeature> => ({
  created_at: timestamp(feature.createdAt),
  description: feature.description,
  display_name: feature.displayName,
  doc_url: '',
  enabled: state?.enabled ?? false,
  feedback_email: '',
  id: stableId('feature', feature.name),
  name: feature.name,
  state: 'general',
  updated_at: timestamp(state?.updatedAt ?? feature.createdAt),
});

export const dynoSizeShape = (size: {
  readonly name: string;
  readonly memoryBytes: number;
  readonly cpuShares: number;
}): Omit<Complete<DynoSize>, 'cost'> & { readonly cost: null } => ({
  compute: size.cpuShares / 1024,
  cost: null,
  dedicated: size.name.startsWith('Performance'),
  dyno_units: 1,
  id: stableId('dyno size', size.name),
  memory: size.memoryBytes / 1024 ** 3,
  name: size.name,
  precise_dyno_units: 1,
  private_space_only: false,
});
