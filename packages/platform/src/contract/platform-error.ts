import { type ApiErrorId, apiErrors } from './errors.data.ts';

/** What else an error's body may carry. */
export interface ErrorDetails {
  /** Where to read more. */
  readonly url?: string;
  /** The kind of thing that was not found: `app`, `release`. */
  readonly resource?: string;
  /** Name of the app that the error is about. */
  readonly app?: string;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** The shape of every error that leaves the Platform API. */
export interface ErrorBody {
  readonly id: ApiErrorId;
  readonly message: string;
  readonly url?: string;
  readonly resource?: string;
  readonly app?: { readonly name: string };
}

/** A refusal with an id of the catalogue; its message is fit for the user's eyes. */
export class PlatformError extends Error {
  readonly id: ApiErrorId;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(id: ApiErrorId, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PlatformError';
    this.id = id;
    this.status = apiErrors[id].status;
    this.details = details;
  }
}

export const errorBody = (error: PlatformError): ErrorBody => {
  const { url, resource, app } = error.details;
  return {
    id: error.id,
    message: error.message,
    ...(url === undefined ? {} : { url }),
    ...(resource === undefined ? {} : { resource }),
    ...(app === undefined ? {} : { app: { name: app } }),
  };
};

/** `notFound('app')`: "Couldn't find that app." */
export const notFound = (resource: string, message = `Couldn't find that ${resource}.`): PlatformError =>
  new PlatformError('not_found', message, { resource });

/** @param message names the value, says what was expected and what was got */
export const invalidParams = (message: string, details: ErrorDetails = {}): PlatformError =>
  new PlatformError('invalid_params', message, details);

export const badRequest = (message: string): PlatformError => new PlatformError('bad_request', message);

export const unauthorized = (message = 'Invalid credentials provided.'): PlatformError =>
  new PlatformError('unauthorized', message);

export const forbidden = (message: string): PlatformError => new PlatformError('forbidden', message);

export const conflict = (message: string): PlatformError => new PlatformError('conflict', message);

/** Heroku has it and this version has not. */
export const notAvailable = (what: string): PlatformError =>
  new PlatformError('not_available', `${what}: not available in this version of Ravine.`, { resource: what });

/** The caller must name the app to go on. @param appName what `confirm` has to be */
export const confirmationRequired = (message: string, appName: string): PlatformError =>
  new PlatformError('confirmation_required', message, { app: appName });

export const serviceUnavailable = (message: string, retryAfterSeconds = 2, cause?: unknown): PlatformError =>
  new PlatformError('service_unavailable', message, { retryAfterSeconds, cause });
