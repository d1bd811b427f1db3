import type { Cluster, Redis } from 'ioredis';
import type { Script } from './script.js';

/** What scripts take and answer with: numbers that are not whole travel as text. */
export type Argument = string | number;
export type Reply = string | number | null | readonly Reply[];

/**
 * A Redis, or a cluster of them. Nothing is sent twice by itself: a call that rejects while a
 * command was under way may have happened. Calls reject with UNAVAILABLE (INDEX_UNAVAILABLE)
 * while it is away or too slow.
 */
export interface RedisClient {
  /**
   * Runs a script on the keys of one organisation, which are on one node: `KEYS[1]` is what their
   * names begin with, `reeve:{org}:`.
   */
  run(script: Script, org: string, args: readonly Argument[]): Promise<Reply>;
  /** Calls a command on a key that is given in full. */
  call(command: string, key: string, ...args: readonly Argument[]): Promise<Reply>;
  /** Of an organisation, `reeve:{org}:name`. */
  keyOf(org: string, name: string): string;
  /** Of no organisation, `reeve:name`. */
  sharedKey(name: string): string;
  /** A channel's full name. */
  channel(name: string): string;
  /** Tells everybody who listens now; whoever does not is not told. */
  publish(channel: string, message: string): Promise<void>;
  /** Listens; channels are told apart between installations as keys are. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  /** Calls `listener` each time the connection is there again after it was lost. */
  onBack(listener: () => void): void;
  close(): Promise<void>;
}

/** One node or a cluster, as ioredis has it. */
export type Connection = Redis | Cluster;
