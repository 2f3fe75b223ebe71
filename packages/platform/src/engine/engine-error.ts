/** The engine refused a request; `status` is its HTTP status, `message` its own words. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** No engine answers, or not one that we can use; the message says what to do about it. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
}

/** Whether the engine said that the thing isn't there; of an image that goes at that moment, Docker 20.10 says it with 500. */
export const isMissing = (error: unknown): boolean =>
  error instanceof EngineError && (error.status === 404 || error.message.startsWith('unrecognized image ID'));

/** What Podman says with 500 where Docker says 409. */
const podmanConflict = /container state improper|network is being used|image is in use|already in use/i;

/** Whether the engine said that the thing is there already, in use, or in another state. */
export const isConflict = (error: unknown): boolean =>
  error instanceof EngineError &&
  (error.status === 409 || (error.status === 500 && podmanConflict.test(error.message)));

/** Answers undefined where the engine says that the thing isn't there. */
export const unlessMissing = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};
