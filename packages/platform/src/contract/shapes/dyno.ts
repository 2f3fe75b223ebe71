import type { Dyno, Formation } from '@heroku-cli/schema';
import { appRef } from './app.ts';
import { type Complete, type Named, timestamp } from './complete.ts';

export interface DynoFacts {
  readonly id: string;
  readonly type: string;
  readonly ordinal: number;
  readonly size: string;
  readonly command: string;
  readonly state: string;
  readonly releaseId: string;
  readonly releaseVersion: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const dynoShape = (dyno: DynoFacts, app: Named, attachUrl: string | null): Complete<Dyno> => ({
  app: appRef(app),
  attach_url: attachUrl,
  command: dyno.command,
  created_at: timestamp(dyno.createdAt),
  id: dyno.id,
  name: `${dyno.type}.${dyno.ordinal}`,
  release: { id: dyno.releaseId, version: dyno.releaseVersion },
  size: dyno.size,
  state: dyno.state,
  type: dyno.type,
  updated_at: timestamp(dyno.updatedAt),
});

export interface FormationFacts {
  readonly id: string;
  readonly type: string;
  readonly quantity: number;
  readonly size: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const formationShape = (entry: FormationFacts, app: Named, command: string): Complete<Formation> => ({
  app: appRef(app),
  command,
  created_at: timestamp(entry.createdAt),
  id: entry.id,
  quantity: entry.quantity,
  size: entry.size,
  type: entry.type,
  updated_at: timestamp(entry.updatedAt),
});
