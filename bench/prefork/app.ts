import { createServer } from 'node:http';

/** The same server for both sides of the comparison. */
export const server = createServer((_request, response) => {
  response.end('Hello, world');
});
