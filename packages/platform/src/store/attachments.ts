import type { Selectable } from 'kysely';
import type { AddOnId, AppId, AttachmentId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { AddOnAttachmentsTable } from './tables.ts';

export type Attachment = Selectable<AddOnAttachmentsTable>;

export const attachments = {
  /** @throws a unique violation of `add_on_attachments_app_id_name_key` when the app has one of that name. */
  insert: (
    tx: Database,
    row: { addOnId: AddOnId; appId: AppId; name: string; namespace: string | null },
  ): Promise<Attachment> => tx.insertInto('addOnAttachments').values(row).returningAll().executeTakeFirstOrThrow(),

  ofApp: (db: Database, appId: AppId): Promise<Attachment[]> =>
    db.selectFrom('addOnAttachments').selectAll().where('appId', '=', appId).orderBy('createdAt').execute(),

  ofAddOn: (db: Database, addOnId: AddOnId): Promise<Attachment[]> =>
    db.selectFrom('addOnAttachments').selectAll().where('addOnId', '=', addOnId).orderBy('createdAt').execute(),

  /** Names of the apps that have an add-on attached, its own left out. */
  otherApps: async (
    db: Database,
    { id, appId }: { readonly id: AddOnId; readonly appId: AppId },
  ): Promise<string[]> => {
    const rows = await db
      .selectFrom('addOnAttachments')
      .innerJoin('apps', 'apps.id', 'addOnAttachments.appId')
      .select('apps.name')
      .distinct()
      .where('addOnId', '=', id)
      .where('appId', '!=', appId)
      .where('apps.deletedAt', 'is', null)
      .orderBy('apps.name')
      .execute();
    return rows.map(({ name }) => name);
  },

  byId: (db: Database, id: string): Promise<Attachment | undefined> =>
    isUuid(id)
      ? db
          .selectFrom('addOnAttachments')
          .selectAll()
          .where('id', '=', id as AttachmentId)
          .executeTakeFirst() // checked beside
      : Promise.resolve(undefined),

  byName: (db: Database, appId: AppId, name: string): Promise<Attachment | undefined> =>
    db
      .selectFrom('addOnAttachments')
      .selectAll()
      .where('appId', '=', appId)
      .where('name', '=', name)
      .executeTakeFirst(),

  remove: async (tx: Database, id: AttachmentId): Promise<void> => {
    await tx.deleteFrom('addOnAttachments').where('id', '=', id).execute();
  },
};
