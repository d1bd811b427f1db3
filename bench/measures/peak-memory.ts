import { residentBytesOf } from '../processes.js';

/** How often it is looked at, in ms. */
const EVERY_MS = 50;

/** Watches the resident memory of a process. `stop` answers by how much it was above the first look, at most; in bytes. */
export function watchMemory(pid: number): { stop(): number } {
  const first = residentBytesOf(pid);
  let peak = first;
  const look = () => {
    peak = Math.max(peak, residentBytesOf(pid));
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return peak - first;
    },
  };
}
