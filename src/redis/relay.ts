import type { Log } from '../ports/log.js';
import type { Relay, RelayKind, RelayMessages } from '../ports/relay.js';
import type { RedisClient } from './client.js';

const VERSION = 1;
const CHANNEL = 'relay';
/** Characters of one message; a longer one is not sent. */
const MAX_MESSAGE = 512 * 1024;
/** Characters that travel together, and messages that may wait while Redis does not answer. */
const MAX_BATCH = 512 * 1024;
const MAX_WAITING = 10_000;

export interface RedisRelayOptions {
  readonly redis: Pick<RedisClient, 'publish' | 'subscribe'>;
  readonly coordinatorId: string;
  readonly log: Log;
}

export interface RedisRelay extends Relay {
  /** Begins to listen; where Redis is away, as soon as it is back. */
  start(): Promise<void>;
  /** Sends what still waits, then neither sends nor hears any more. */
  stop(): Promise<void>;
}

type Listener<K extends RelayKind> = (message: RelayMessages[K], from: string) => void;
type Item = readonly [kind: RelayKind, message: RelayMessages[RelayKind]];

/**
 * The relay over Redis pub/sub: one channel for all coordinators and one for each. What is sent
 * while another batch is under way waits for that, no timer. While Redis is away, it is lost.
 */
export function createRedisRelay({ redis, coordinatorId, log }: RedisRelayOptions): RedisRelay {
  const listeners = new Map<RelayKind, Listener<RelayKind>[]>();
  const waiting = new Map<string, string[]>();
  let sending: Promise<void> | null = null;
  let isOver = false;

  async function sendAll(): Promise<void> {
    // What is sent in this turn of the event loop goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.size > 0) {
      const batches = [...waiting.keys()].map((channel) => [channel, takeBatch(waiting, channel)] as const);
      await Promise.all(
        batches.map(([channel, items]) =>
          redis.publish(channel, `{"v":${VERSION},"from":"${coordinatorId}","items":[${items.join(',')}]}`),
        ),
      ).catch((error: unknown) => log.debug({ err: error }, 'other coordinators could not be told'));
    }
    sending = null;
  }

  function hear(text: string): void {
    if (isOver) return;
    try {
      const envelope = JSON.parse(text) as { v?: unknown; from?: unknown; items?: unknown };
      const { v, from, items } = envelope;
      if (v !== VERSION || typeof from !== 'string' || !Array.isArray(items)) return;
      for (const [kind, message] of items as Item[]) tell(kind, message, from);
    } catch (error) {
      log.warn({ err: error }, 'a message of another coordinator was not understood');
    }
  }

  function tell(kind: RelayKind, message: RelayMessages[RelayKind], from: string): void {
    for (const listener of listeners.get(kind) ?? []) {
      try {
        listener(message, from);
      } catch (error) {
        log.warn({ err: error, kind, from }, 'a message of another coordinator could not be followed');
      }
    }
  }

  function hearOthers(text: string): void {
    // Cheaper than to read one's own words.
    if (!text.startsWith(`{"v":${VERSION},"from":"${coordinatorId}"`)) hear(text);
  }

  return {
    coordinatorId,
    send(kind, message, to) {
      if (isOver) return;
      const text = JSON.stringify([kind, message]);
      if (text.length > MAX_MESSAGE) {
        log.warn({ kind, length: text.length }, 'a message to other coordinators is too long');
        return;
      }
      const channel = to === undefined ? CHANNEL : `${CHANNEL}:${to}`;
      const queue = waiting.get(channel) ?? [];
      waiting.set(channel, queue);
      queue.push(text);
      if (queue.length > MAX_WAITING) queue.shift();
      sending ??= sendAll();
    },
    on<K extends RelayKind>(kind: K, listener: Listener<K>) {
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener as Listener<RelayKind>]);
    },
    async start() {
      await Promise.all([
        redis.subscribe(CHANNEL, hearOthers),
        redis.subscribe(`${CHANNEL}:${coordinatorId}`, hear),
      ]);
    },
    async stop() {
      await sending;
      isOver = true;
    },
  };
}

/** The oldest messages of a channel, as many as travel together. */
function takeBatch(waiting: Map<string, string[]>, channel: string): readonly string[] {
  const queue = waiting.get(channel) ?? [];
  let length = 0;
  let count = 0;
  while (count < queue.length && length < MAX_BATCH) length += queue[count++]?.length ?? 0;
  if (count === queue.length) waiting.delete(channel);
  else waiting.set(channel, queue.slice(count));
  return queue.slice(0, count);
}
