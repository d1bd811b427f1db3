// The standby thread. It loads little until an agent's beat is late.
import { parentPort } from 'node:worker_threads';
import type { ThreadMessage } from './thread.js';
import { Watch } from './watch.js';

const watches = new Map<number, Watch>();

parentPort?.on('message', ({ id, watch: options }: ThreadMessage) => {
  watches.get(id)?.stop();
  watches.delete(id);
  if (!options) return;
  const watch = new Watch(options, async (target) => {
    const { Renewer } = await import('./renewer.js');
    return new Renewer(target);
  });
  watches.set(id, watch);
  watch.start();
});
