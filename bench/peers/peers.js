import { bullmq } from './bullmq.js';
import { graphileWorker } from './graphile-worker.js';
import { pgBoss } from './pg-boss.js';

/** @type {readonly import('./peer.js').Peer[]} */
export const PEERS = [bullmq, graphileWorker, pgBoss];

/**
 * @param {string} name
 * @returns {import('./peer.js').Peer}
 */
export function peerOf(name) {
  const peer = PEERS.find((one) => one.name === name);
  if (!peer) throw new Error(`there is no peer "${name}", only ${PEERS.map((one) => one.name).join(', ')}`);
  return peer;
}

/**
 * @param {string} text
 * @returns {import('./peer.js').Variant}
 */
export function variantOf(text) {
  if (text !== 'tuned' && text !== 'default')
    throw new Error(`the variant is tuned or default, not "${text}"`);
  return text;
}
