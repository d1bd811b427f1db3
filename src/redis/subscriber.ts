import { Cluster } from 'ioredis';
import type { Log } from '../ports/log.js';
import type { Connection } from './client.js';

export interface Subscriber {
  add(channel: string, listener: (message: string) => void): Promise<void>;
  close(): void;
}

/** A connection of its own that listens; it subscribes again by itself when it was lost. */
export function createSubscriber(connection: Connection, log: Log): Subscriber {
  const own: Connection = connection instanceof Cluster ? connection.duplicate() : connection.duplicate();
  const listeners = new Map<string, ((message: string) => void)[]>();
  own.on('error', (error: Error) => log.debug({ err: error }, 'a connection to Redis broke'));
  own.on('message', (channel: string, message: string) => {
    for (const listener of listeners.get(channel) ?? []) listener(message);
  });
  const connected = own.connect();
  connected.catch(() => undefined);
  return {
    async add(channel, listener) {
      const known = listeners.get(channel);
      listeners.set(channel, [...(known ?? []), listener]);
      await connected;
      if (!known) await own.subscribe(channel);
    },
    close: () => own.disconnect(),
  };
}
