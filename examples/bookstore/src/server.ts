import { createServer } from 'node:http';
import { createApp } from './app.ts';
import { Books } from './books.ts';
import { Cache } from './cache.ts';
import { ConfigError, readConfig } from './config.ts';
import { openDatabase } from './database.ts';
import { Bucket } from './media/bucket.ts';
import { Folder } from './media/folder.ts';
import { Readers } from './readers.ts';
import { logRequest } from './request-log.ts';
import { Reviews } from './reviews.ts';
import { Sessions } from './sessions.ts';

const config = readConfigOrExit();
const database = openDatabase(config.databaseUrl, config.databaseConnections);
const cache = new Cache(config.cache);
const app = createApp({
  database,
  books: new Books(database, cache),
  reviews: new Reviews(database, cache),
  readers: new Readers(database),
  sessions: new Sessions(database, config.sessionSecret),
  media: config.bucket ? new Bucket(config.bucket) : new Folder(config.mediaFolder),
  httpsRedirect: config.httpsRedirect,
});

/** What `prefork` serves: it listens, starts workers, and lets them finish their requests before they end. */
export const server = createServer((request, response) => {
  if (config.logRequests) logRequest(request, response);
  void app(request, response); // Never rejects.
});
// Longer than the 90 s for which Heroku's router keeps a connection, so that the router closes first.
server.keepAliveTimeout = 95_000;
server.headersTimeout = 100_000;

function readConfigOrExit() {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(3); // Tells prefork not to try again.
  }
}
