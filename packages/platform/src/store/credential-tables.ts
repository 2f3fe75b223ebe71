import type { ColumnType } from 'kysely';
import type { AddOnId } from '../domain/ids.ts';

type Defaulted<T> = ColumnType<T, T | undefined, T>;

export interface CredentialsTable {
  readonly addOnId: AddOnId;
  readonly name: string;
  readonly state: 'creating' | 'active' | 'rotating' | 'destroying';
  readonly sealedConfig: Buffer;
  readonly createdAt: Defaulted<Date>;
  readonly updatedAt: Defaulted<Date>;
}
