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
