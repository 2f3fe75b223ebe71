/** A dyno could not be started; the message is fit for the app's own log. */
export class DriverError extends Error {
  override readonly name: string = 'DriverError';
}

/** What runs dynos of this kind is away for now; the same start is to be tried again. */
export class DriverUnavailable extends DriverError {
  override readonly name = 'DriverUnavailable';
}
