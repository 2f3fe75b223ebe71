/** A dyno could not be started; the message is fit for the app's own log. */
export class DriverError extends Error {
  override readonly name = 'DriverError';
}
