// What the programs ask of every peer.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * `tuned`: what the project's own documentation recommends for throughput.
 * `default`: what a user gets from its README.
 * @typedef {'tuned' | 'default'} Variant
 */

/**
 * The input of one task. The key is made by the client and is what everything is counted by.
 * @typedef {object} Input
 * @property {string} key A UUID.
 * @property {number} [intendedMs] When it was meant to be submitted, on the machine's monotonic clock.
 * @property {string} filler
 */

/**
 * @typedef {object} Client
 * @property {(inputs: Input[]) => Promise<string[]>} submit Resolves to the keys once the store has
 *   committed all of them; it rejects if one was refused.
 * @property {() => Promise<number>} open How many tasks are not finished. Some peers say just 0 or 1.
 * @property {() => Promise<void>} close
 */

/**
 * Throws: the task has failed, which no benchmark expects.
 * @typedef {(input: Input) => object | Promise<object>} OnTask
 */

/** @typedef {{ close(): Promise<void> }} Worker */

/**
 * What a store has, counted with the store's own commands.
 * @typedef {object} Finished
 * @property {number} tasks All that are there, in whatever state.
 * @property {string[]} succeeded The key of each stored result; a key with two results comes twice.
 * @property {number} redelivered Runs beyond the first of a task, as far as the peer notes them.
 */

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} version Of the installed package.
 * @property {'postgres' | 'redis'} store
 * @property {(variant: Variant) => Record<string, unknown>} settings Every setting that was chosen.
 * @property {(variant: Variant) => number | null} mostPerSecond Where a setting allows no more tasks a
 *   second and worker; `null`: nothing but speed limits it.
 * @property {(url: string, variant: Variant) => Promise<void>} prepare Makes schema and queue; may be repeated.
 * @property {(url: string, variant: Variant) => Promise<Client>} client
 * @property {(url: string, variant: Variant, onTask: OnTask) => Promise<Worker>} worker Stores what
 *   `onTask` returns, durably, before the task counts as finished.
 * @property {(url: string) => Promise<Finished>} readBack
 */

/** The queue or task name of all peers. */
export const QUEUE = 'bench';

/**
 * The version of an installed package.
 * @param {string} name
 * @returns {string}
 */
export function installedVersion(name) {
  // Its package.json is often no export of it, so it is looked for above its main file.
  let folder = path.dirname(createRequire(import.meta.url).resolve(name));
  while (path.basename(folder) !== name) folder = path.dirname(folder);
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
}

/**
 * Ends the process: an error that nobody awaits must not pass for a slow run.
 * @param {Error} error
 */
export function fatal(error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}
