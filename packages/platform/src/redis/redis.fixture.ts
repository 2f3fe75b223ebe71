import { RespClient } from './resp-client.ts';

/** A customer's connection by a URL as config vars have it. Named for what tests need: Debian's redis-server. */
export const startRedisClient = (url: string): Promise<RespClient> => {
  const { port, password } = new URL(url);
  return RespClient.open(Number(port), 'default', password);
};
