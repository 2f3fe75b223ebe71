/** What the platform says in an app's log of a dyno or of the log itself: `Error R10 (Boot timeout) ...`. @see Dev Center "Heroku Error Codes" */
export const logCodes = {
  R10: {
    title: 'Boot timeout',
    doc: 'A web dyno did not bind its PORT in time (60 s unless set otherwise) and was ended.',
  },
  R12: { title: 'Exit timeout', doc: 'A dyno was still running 30 s after SIGTERM and was killed.' },
  R13: {
    title: 'Attach error',
    doc: 'No client came to a one-off dyno that `heroku run` had asked for; it was dropped.',
  },
  R14: { title: 'Memory quota exceeded', doc: 'A dyno uses more memory than its size has.' },
  R15: {
    title: 'Memory quota vastly exceeded',
    doc: 'A dyno used more than twice the memory of its size and was killed.',
  },
  L10: {
    title: 'output buffer overflow',
    doc: 'An app wrote faster than its log is kept; the line says how many were dropped.',
  },
} as const;

/** How each of these lines begins: `Error R10 (Boot timeout)`. */
export const errorLine = (code: keyof typeof logCodes): string => `Error ${code} (${logCodes[code].title})`;
