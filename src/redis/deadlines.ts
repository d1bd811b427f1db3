import { byOrg } from '../domain/by-org.js';
import type { Deadlines } from '../ports/deadlines.js';
import type { TaskVersion } from '../ports/ready-index.js';
import type { OrgIndexes } from './org-indexes.js';

/** Deadlines in Redis, beside the index and written with it. */
export function createRedisDeadlines(orgs: Pick<OrgIndexes, 'of' | 'take'>): Deadlines {
  /** Organisations in which this coordinator has told of one; what it told may not be in the last step. */
  const watched = new Set<string>();
  return {
    async watch(deadlines) {
      const writes = [...byOrg(deadlines)].map(([org, ofOrg]) => {
        watched.add(org);
        return orgs
          .of(org)
          .write(ofOrg.map(({ taskId, seq, due }) => ({ op: 'watch', id: taskId, s: seq, due }) as const));
      });
      await Promise.all(writes);
    },
    async drop(tasks) {
      const writes = [...byOrg(tasks)].map(([org, ofOrg]) => {
        const index = orgs.of(org);
        // Most tasks have none. One that is left behind, as another coordinator told it just now, is looked
        // at when it is due, and is over then.
        if (!watched.has(org) && !index.hasDeadlines) return undefined;
        return index.write(ofOrg.map(({ taskId, seq }) => ({ op: 'unwatch', id: taskId, s: seq }) as const));
      });
      await Promise.all(writes);
    },
    takeDue(max) {
      type Taken = readonly [string, number, number];
      return orgs.take<Taken, TaskVersion>(
        max,
        { op: 'takeDue', name: 'deadlines', max },
        (org, [taskId, seq]) => {
          return { org, taskId, seq };
        },
      );
    },
  };
}
