import type { Collaborator, LogSession } from '@heroku-cli/schema';
import { appRef } from './app.ts';
import { type Complete, type Named, timestamp } from './complete.ts';

export interface CollaboratorFacts {
  readonly id: string;
  readonly accountId: string;
  readonly email: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const collaboratorShape = (
  collaborator: CollaboratorFacts,
  app: Named,
  role: 'owner' | 'collaborator',
): Complete<Collaborator> => ({
  app: appRef(app),
  created_at: timestamp(collaborator.createdAt),
  id: collaborator.id,
  permissions: [],
  role,
  updated_at: timestamp(collaborator.updatedAt),
  user: { email: collaborator.email, federated: false, id: collaborator.accountId },
});

export const logSessionShape = (
  session: { readonly id: string; readonly createdAt: Date },
  url: string,
): Complete<LogSession> => ({
  created_at: timestamp(session.createdAt),
  id: session.id,
  logplex_url: url,
  updated_at: timestamp(session.createdAt),
});
