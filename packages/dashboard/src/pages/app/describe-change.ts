import type { ChangeEvent } from '../../api/shapes.ts';
import type { MessageKey } from '../../language/en.data.ts';
import type { IconName } from '../../parts/icon.tsx';

/** A change in words. */
export interface Described {
  readonly icon: IconName;
  readonly key: MessageKey;
  readonly values: Readonly<Record<string, string | number>>;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * Says what somebody changed of an app without a release; releases and builds tell of themselves.
 * @returns undefined for changes that are no news by themselves
 */
export const describeChange = ({ resource, action, data }: ChangeEvent): Described | undefined => {
  const gone = action === 'destroy';
  switch (resource) {
    case 'formation': {
      const values = { type: text(data.type), n: Number(data.quantity), size: text(data.size) };
      return gone ? undefined : { icon: 'process', key: 'changeScaled', values };
    }
    case 'domain':
      return {
        icon: 'language',
        key: gone ? 'changeDomainRemoved' : 'changeDomainAdded',
        values: { name: text(data.hostname) },
      };
    case 'collaborator':
      return {
        icon: 'people',
        key: gone ? 'changeAccessTaken' : 'changeAccessGiven',
        values: { name: text(data.email) },
      };
    case 'app-feature':
      return {
        icon: 'gear',
        key: data.enabled === true ? 'changeFeatureOn' : 'changeFeatureOff',
        values: { name: text(data.name) },
      };
    case 'buildpack-installations':
      return { icon: 'build', key: 'changeBuildpacks', values: {} };
    case 'app':
      return action === 'update' ? describeApp(data) : undefined;
    default:
      return undefined;
  }
};

const describeApp = (data: ChangeEvent['data']): Described | undefined => {
  const changed: readonly unknown[] = Array.isArray(data.changed) ? data.changed : [];
  if (changed.includes('maintenance')) {
    return {
      icon: 'warning',
      key: data.maintenance === true ? 'changeMaintenanceOn' : 'changeMaintenanceOff',
      values: {},
    };
  }
  if (changed.includes('name')) return { icon: 'edit', key: 'changeRenamed', values: { name: text(data.name) } };
  if (changed.includes('owner_id')) return { icon: 'people', key: 'changeOwner', values: {} };
  if (changed.includes('build_stack')) {
    return { icon: 'gear', key: 'changeStack', values: { name: text(data.build_stack) } };
  }
  return undefined;
};
