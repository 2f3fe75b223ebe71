/** One kind of refusal of the Platform API. */
interface ErrorEntry {
  readonly status: number;
  /** What docs/errors.md says of it. */
  readonly doc: string;
}

/** Every error id that the Platform API answers, with its status (Platform API reference, "Errors"). Ids are never reused. */
export const apiErrors = {
  bad_request: {
    status: 400,
    doc: 'The request could not be read: malformed JSON, a body of the wrong type, a bad header.',
  },
  unauthorized: { status: 401, doc: 'No credentials, or an unknown, expired or revoked token, or a wrong password.' },
  confirmation_required: {
    status: 422,
    doc: 'The action replaces or breaks something; repeat it with `confirm` set to the name of the app.',
  },
  forbidden: { status: 403, doc: 'You can see the app, but this action is for its owner.' },
  two_factor: {
    status: 403,
    doc: 'The password is right, and a code of your authenticator is needed: send it as `Heroku-Two-Factor-Code`.',
  },
  not_found: { status: 404, doc: 'Nothing of that name, or it belongs to somebody else; also an unknown endpoint.' },
  not_available: { status: 404, doc: 'Heroku has this resource; this version of Ravine does not.' },
  not_acceptable: { status: 406, doc: 'The Accept header asks for another version of the API than 3.' },
  conflict: { status: 409, doc: 'Something else is changing the same resource right now; ask again.' },
  gone: { status: 410, doc: 'It existed, and its files have been removed since.' },
  request_too_large: { status: 413, doc: 'The body is larger than this endpoint takes.' },
  requested_range_not_satisfiable: { status: 416, doc: 'The Range header names an unknown property or a bad limit.' },
  invalid_params: {
    status: 422,
    doc: 'A value is missing, malformed, taken or not allowed; the message names it and says what would be.',
  },
  rate_limit: { status: 429, doc: 'Too many requests, or too many failed logins; Retry-After says how long to wait.' },
  internal_server_error: {
    status: 500,
    doc: 'A fault of Ravine; the log of the platform has the cause under the same Request-Id.',
  },
  service_unavailable: {
    status: 503,
    doc: 'The store, or a part of the platform that this needs, is not there now; Retry-After says when to ask again.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ApiErrorId = keyof typeof apiErrors;
