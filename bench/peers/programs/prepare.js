// Makes schema and queue, then says what it is that was prepared.
// `prepare.js PEER VARIANT STORE_URL`
import { peerOf, variantOf } from '../peers.js';
import { serveQuestions } from './serve.js';

const [name = '', variantName = '', url = ''] = process.argv.slice(2);
const peer = peerOf(name);
const variant = variantOf(variantName);
await peer.prepare(url, variant);

serveQuestions(async () => ({
  name: peer.name,
  version: peer.version,
  store: peer.store,
  settings: peer.settings(variant),
  mostPerSecond: peer.mostPerSecond(variant),
}));
