import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const folder = path.join(import.meta.dirname, '../../src/redis');

/** What Redis 6.2, and so Valkey, knows; options that came later are not looked for. */
const KNOWN = new Set(
  `CONFIG DEL EXISTS EXPIRE GET HDEL HEXISTS HGET HGETALL HINCRBY HKEYS HLEN HMGET HRANDFIELD HSCAN HSET HSETNX HVALS INCR INFO LLEN LRANGE LTRIM
  PUBLISH RPUSH SADD SCARD SET SISMEMBER SMEMBERS SPOP SREM SUNIONSTORE TIME ZADD ZCARD ZCOUNT ZRANGE ZRANGEBYSCORE ZREM ZREMRANGEBYSCORE ZSCORE`.split(
    /\s+/,
  ),
);

it('goes by commands that Redis has had since 6.2', () => {
  const used = new Set<string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = readFileSync(path.join(entry.parentPath, entry.name), 'utf8');
    const calls = entry.name.endsWith('.lua') ? /\bcall\(\s*'(\w+)'/g : /client\.call\(\s*'(\w+)'/g;
    for (const [, command] of text.matchAll(calls)) if (command) used.add(command);
  }
  expect(used).toContain('ZADD');
  expect([...used].filter((command) => !KNOWN.has(command))).toEqual([]);
});
