import { afterAll, beforeAll } from 'vitest';
import type { RedisClient } from '../../../src/redis/client.js';
import { openRedis } from '../../../src/redis/open-redis.js';
import { SILENT } from '../pglite-record.js';
import { type RedisServer, startRedis } from './redis-server.js';

/** A Redis, and a client of it, for all tests of a file. */
export function useRedis(): { readonly client: RedisClient } {
  let server: RedisServer;
  let client: RedisClient;
  beforeAll(async () => {
    server = await startRedis();
    client = await openRedis({ url: server.url, log: SILENT });
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });
  return {
    get client() {
      return client;
    },
  };
}
