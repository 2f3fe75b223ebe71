import type { AppId, DynoId } from '../../../domain/ids.ts';

/** What the labels of a dyno's container say. */
export interface DynoLabels {
  readonly id: DynoId;
  readonly appId: AppId;
  readonly name: string;
  readonly port: number | undefined;
  /** The process that it is attached to; undefined for dynos of their own. */
  readonly owner: string | undefined;
}

type Labels = Readonly<Record<string, string>>;

/** The label of everything that one platform makes in an engine. */
export const platformLabels = (platform: string): Labels => ({ 'ravine.platform': platform });

export const labelsOf = (platform: string, dyno: DynoLabels): Labels => ({
  ...platformLabels(platform),
  'ravine.dyno': dyno.id,
  'ravine.app': dyno.appId,
  'ravine.name': dyno.name,
  ...(dyno.port === undefined ? {} : { 'ravine.port': String(dyno.port) }),
  ...(dyno.owner === undefined ? {} : { 'ravine.owner': dyno.owner }),
});

/** Undefined for a container that is no dyno. A label that is void stands for none: it came with a kept image. */
export const readLabels = (labels: Labels): DynoLabels | undefined => {
  const { 'ravine.dyno': id, 'ravine.app': appId, 'ravine.name': name, 'ravine.port': port } = labels;
  if (!id || !appId || !name) return undefined;
  return {
    // Casts: only `labelsOf` writes these labels.
    id: id as DynoId,
    appId: appId as AppId,
    name,
    port: port ? Number(port) : undefined,
    owner: labels['ravine.owner'] || undefined,
  };
};

/** A dyno's container has this name, so that there can be only one. */
export const containerName = (id: DynoId): string => `ravine-${id}`;

/** Each app has a bridge network of its own. */
export const networkName = (platform: string, appId: AppId): string => `ravine-${platform}-${appId}`;
