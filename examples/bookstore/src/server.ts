import { createServer, type ServerResponse } from 'node:http';
import { createApp } from './app.ts';
import { Books } from './books.ts';
import { ConfigError, readConfig } from './config.ts';
import { openDatabase } from './database.ts';
import { Readers } from './readers.ts';
import { logRequest } from './request-log.ts';
import { Reviews } from './reviews.ts';
import { Sessions } from './sessions.ts';

const config = readConfigOrExit();
const database = openDatabase(config.databaseUrl, config.databaseConnections);
const app = createApp({
  database,
  books: new Books(database),
  reviews: new Reviews(database),
  readers: new Readers(database),
  sessions: new Sessions(database, config.sessionSecret),
});

const inFlight = new Set<ServerResponse>();
const server = createServer((request, response) => {
  if (config.logRequests) logRequest(request, response);
  inFlight.add(response);
  response.once('close', () => {
    inFlight.delete(response);
    if (!server.listening) server.closeIdleConnections();
  });
  void app(request, response); // Never rejects.
});
// Longer than the 90 s for which Heroku's router keeps a connection, so that the router closes first.
server.keepAliveTimeout = 95_000;
server.headersTimeout = 100_000;

server.listen(config.port, () => {
  const address = server.address();
  console.log(`listening on port ${typeof address === 'object' ? address?.port : address}`);
});

process.once('SIGTERM', stop);
process.once('SIGINT', stop);

/** Takes no more connections, finishes the requests that are here, then lets go of the database: nothing is left to run. */
function stop(): void {
  server.close(() => void database.end());
  for (const response of inFlight) {
    if (!response.headersSent) response.setHeader('connection', 'close'); // So that a router sends nothing more on it.
  }
  // A dyno is killed 30 s after SIGTERM.
  setTimeout(() => server.closeAllConnections(), 25_000).unref();
}

function readConfigOrExit() {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
