import { Cluster } from 'ioredis';
import type { Log } from '../ports/log.js';
import type { Connection } from './client.js';

export interface Subscriber {
  add(channel: string, listener: (message: string) => void): Promise<void>;
  close(): void;
}

/**
 * A connection of its own that listens. What is added while it is lost, or could not be said to
 * the server, is subscribed to when it is there again, with all the rest.
 */
export function createSubscriber(connection: Connection, log: Log): Subscriber {
  // The driver would subscribe anew by itself too, and end the process where that is refused.
  const own: Connection =
    connection instanceof Cluster ? connection.duplicate() : connection.duplicate({ autoResubscribe: false });
  const listeners = new Map<string, ((message: string) => void)[]>();
  own.on('error', (error: Error) => log.debug({ err: error }, 'a connection to Redis broke'));
  own.on('ready', () => {
    for (const channel of listeners.keys()) void subscribe(channel);
  });
  own.on('message', (channel: string, message: string) => {
    for (const listener of listeners.get(channel) ?? []) listener(message);
  });
  const connected = own.connect();
  connected.catch(() => undefined);
  const subscribe = (channel: string) =>
    own
      .subscribe(channel)
      .catch((error: unknown) => log.debug({ err: error, channel }, 'a channel is not listened to yet'));
  return {
    async add(channel, listener) {
      const known = listeners.get(channel);
      listeners.set(channel, [...(known ?? []), listener]);
      await connected.catch(() => undefined);
      if (!known) await subscribe(channel);
    },
    close: () => own.disconnect(),
  };
}
