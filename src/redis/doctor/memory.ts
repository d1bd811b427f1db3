import type { Finding } from '../../ports/check.js';
import type { RedisCheck, RedisNode } from './visit.js';

/** The share of maxmemory from which on it is a finding. */
const FULL = 0.8;

/** Whether it throws keys away, and how much room it has. */
export const MEMORY: RedisCheck = {
  name: 'memory',
  look: async ({ primaries }) => primaries.flatMap(memoryOf),
};

function memoryOf({ info, place }: RedisNode): Finding[] {
  const used = Number(info.get('used_memory') ?? 0);
  const most = Number(info.get('maxmemory') ?? 0);
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  const found: Finding[] = [];
  if (policy !== 'noeviction') {
    found.push({
      level: most > 0 ? 'error' : 'warning',
      what: `maxmemory-policy at ${place} is ${policy}`,
      why: 'When its memory is full it throws away parts of the index: tasks then wait until the reconciler finds them, and limits are exceeded.',
      fix: 'CONFIG SET maxmemory-policy noeviction, and the same in its file',
    });
  }
  if (most > 0 && used > FULL * most) {
    found.push({
      level: 'warning',
      what: `${place} uses ${text(used)} of ${text(most)}`,
      why: 'When it is full nothing more is dispatched.',
      fix: `CONFIG SET maxmemory ${2 * most}, and the same in its file`,
    });
  }
  if (found.length > 0) return found;
  if (most > 0) return [{ level: 'ok', what: `${place} uses ${text(used)} of ${text(most)}, noeviction` }];
  const machine = Number(info.get('total_system_memory') ?? 0);
  return [
    {
      level: 'note',
      what: `${place} uses ${text(used)} and has no maxmemory`,
      why: 'It grows until the machine has no memory left, and is ended by the kernel.',
      fix: `CONFIG SET maxmemory ${machine > 0 ? Math.floor(machine * 0.6) : '1gb'}, and the same in its file`,
    },
  ];
}

function text(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
