/** Eviction policies and what they do, in the words that `heroku redis:maxmemory` prints behind their names. */
export const policies: Readonly<Record<string, string>> = {
  noeviction: 'will return errors when the memory limit is reached',
  'allkeys-lfu': 'will remove the least frequently used keys first',
  'volatile-lfu': 'will remove the least frequently used keys first that have an expiry set',
  'allkeys-lru': 'will remove the least recently used keys first',
  'volatile-lru': 'will remove the least recently used keys first that have an expiry set',
  'allkeys-random': 'will remove random keys',
  'volatile-random': 'will remove random keys that have an expiry set',
  'volatile-ttl': 'will remove keys with an expiry set, those that end soonest first',
};
