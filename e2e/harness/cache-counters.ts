import memjs from 'memjs';

/** A cache's own counters, asked as an app's clients ask. @param config what `heroku config --json` shows */
export const cacheCounters = async ({
  MEMCACHIER_SERVERS,
  MEMCACHIER_USERNAME,
  MEMCACHIER_PASSWORD,
}: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> => {
  const client = memjs.Client.create(MEMCACHIER_SERVERS, {
    username: MEMCACHIER_USERNAME,
    password: MEMCACHIER_PASSWORD,
  });
  try {
    return await new Promise((resolve, reject) => {
      client.stats((error, _server, found) => (error ? reject(error) : resolve(found ?? {})));
    });
  } finally {
    client.close();
  }
};
