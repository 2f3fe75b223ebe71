import type { Attachment } from '../hang-up.ts';
import type { ProcessDyno } from './process-dyno.ts';
import type { Launch } from './spawn-shim.ts';

export interface AttachOptions extends Attachment {
  readonly launch: Launch;
}

/** Puts a dyno that was just started on record with the driver. */
export type Started = (record: ProcessDyno['record']) => ProcessDyno;
