import type { BuildErrorId } from './build-errors.data.ts';

/** A build ended without a slug; `message` is for the user and may have several lines. */
export class BuildFailed extends Error {
  override readonly name = 'BuildFailed';
  readonly id: BuildErrorId;

  constructor(id: BuildErrorId, message: string, options?: ErrorOptions) {
    super(message, options);
    this.id = id;
  }
}
