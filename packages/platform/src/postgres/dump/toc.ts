/** Where in a dump an entry belongs; restored in this order. */
export const sections = { none: 1, preData: 2, data: 3, postData: 4 } as const;

/** One entry of an archive's table of contents: a thing to be made, or the data of one. */
export interface TocEntry {
  readonly id: number;
  /** Whether a block of data belongs to it. */
  readonly hasData: boolean;
  readonly catalogTable: string;
  readonly catalogOid: string;
  /** The thing's name. */
  readonly tag: string;
  /** What it is: `TABLE`, `TABLE DATA`, `FK CONSTRAINT`. */
  readonly kind: string;
  readonly section: number;
  readonly create: string | null;
  readonly drop: string | null;
  /** `COPY … FROM stdin;` */
  readonly copy: string | null;
  readonly schema: string | null;
  readonly tablespace: string | null;
  readonly accessMethod: string | null;
  readonly owner: string | null;
  readonly dependencies: readonly string[];
}

export interface ArchiveHead {
  /** 1.14 as 114. */
  readonly version: number;
  readonly compression: 'none' | 'gzip';
  readonly database: string;
  readonly serverVersion: string;
  readonly dumpVersion: string;
  readonly createdAt: Date;
}

/** A file that isn't an archive that we can read; the message says what was expected. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

export const magic = 'PGDMP';
export const customFormat = 1;
export const blocks = { data: 1, largeObjects: 3 } as const;
/** Whether and where an entry's data stands in the file. */
export const offsets = { notSet: 1, set: 2, none: 3 } as const;
