import type { AddOn } from '../../../api/shapes.ts';

export interface OfAddOn {
  /** The app on which it is looked at, which may be another than the one that has it. */
  readonly app: string;
  readonly addOn: AddOn;
}
