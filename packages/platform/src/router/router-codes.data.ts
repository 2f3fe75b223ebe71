/** What the router says of a request that no dyno answered. @see Dev Center "Heroku Error Codes" */
export interface RouterCode {
  /** As in the log line. */
  readonly desc: string;
  readonly status: number;
  readonly at: 'error' | 'warning' | 'info';
  /** What the page tells a visitor. */
  readonly page: { readonly title: string; readonly text: string };
}

const unavailable = {
  title: 'Application error',
  text: 'The application could not answer this request. If you own it, its log says why; otherwise please try again in a moment.',
};
const asleep = {
  title: 'Nothing runs here yet',
  text: 'This application has no web process running. If you own it, scale its web process type up.',
};
const maintenance = {
  title: 'Offline for maintenance',
  text: 'This application is being worked on. Please come back in a little while.',
};
const blank = {
  title: 'Welcome to your new app',
  text: 'Nothing has been released here yet. Push your code to make it live.',
};
const misdirected = {
  title: 'Wrong connection',
  text: 'The name of this request and the name that its secure connection was opened for belong to different applications.',
};
const malformed = { title: 'Bad request', text: 'The request could not be understood.' };

export const routerCodes = {
  H10: { desc: 'App crashed', status: 503, at: 'error', page: unavailable },
  H11: { desc: 'Backlog too deep', status: 503, at: 'error', page: unavailable },
  H12: { desc: 'Request timeout', status: 503, at: 'error', page: unavailable },
  H13: { desc: 'Connection closed without response', status: 503, at: 'error', page: unavailable },
  H14: { desc: 'No web processes running', status: 503, at: 'error', page: asleep },
  H15: { desc: 'Idle connection', status: 503, at: 'error', page: unavailable },
  H17: { desc: 'Poorly formatted HTTP response', status: 503, at: 'error', page: unavailable },
  H18: { desc: 'Server Request Interrupted', status: 503, at: 'error', page: unavailable },
  H19: { desc: 'Backend connection timeout', status: 503, at: 'error', page: unavailable },
  H20: { desc: 'App boot timeout', status: 503, at: 'error', page: unavailable },
  H21: { desc: 'Backend connection refused', status: 503, at: 'error', page: unavailable },
  H22: { desc: 'Connection limit reached', status: 503, at: 'error', page: unavailable },
  H24: { desc: 'Forced close', status: 503, at: 'error', page: unavailable },
  H25: { desc: 'HTTP restriction', status: 502, at: 'error', page: unavailable },
  H26: { desc: 'Request Error', status: 400, at: 'error', page: malformed },
  H27: { desc: 'Client Request Interrupted', status: 499, at: 'warning', page: malformed },
  H28: { desc: 'Client Connection Idle', status: 499, at: 'warning', page: malformed },
  H31: { desc: 'Misdirected Request', status: 421, at: 'error', page: misdirected },
  H32: { desc: 'TLS Certificate Mismatch', status: 495, at: 'error', page: misdirected },
  H33: { desc: 'HTTP/2 Stream Broken', status: 499, at: 'warning', page: malformed },
  H34: { desc: 'All up dynos are quarantined', status: 503, at: 'error', page: unavailable },
  H80: { desc: 'Maintenance mode', status: 503, at: 'info', page: maintenance },
  H81: { desc: 'Blank app', status: 503, at: 'info', page: blank },
  H99: { desc: 'Platform error', status: 503, at: 'error', page: unavailable },
} as const satisfies Record<string, RouterCode>;

export type RouterCodeName = keyof typeof routerCodes;
