import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEligible } from '../../src/domain/agents/eligibility.js';
import type { KindRecord } from '../../src/domain/agents/kind-record.js';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import { Instances } from '../../src/matching/instances.js';
import type { OrgTerms } from '../../src/matching/org-terms.js';
import { TrackRecord } from '../../src/matching/track-record.js';
import { agent, ORG } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

const AGENTS = ['a', 'b', 'c'];
const POOLS = ['p', 'q', null];

const step = fc.oneof(
  fc.record({
    what: fc.constant('pool' as const),
    pool: fc.constantFrom('p', 'q'),
    members: fc.subarray(AGENTS),
  }),
  fc.record({ what: fc.constant('threshold' as const), value: fc.constantFrom(null, 0.2, 0.5, 0.8) }),
  fc.record({
    what: fc.constant('health' as const),
    id: fc.constantFrom(...AGENTS),
    value: fc.constantFrom(0.1, 0.6, 1),
  }),
  fc.record({ what: fc.constant('connect' as const), id: fc.constantFrom(...AGENTS) }),
  fc.record({ what: fc.constant('drop' as const), id: fc.constantFrom(...AGENTS) }),
);

test('whatever changes in whichever order, the eligible are those that the words mean, and those of them with credit are free', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const clock = new FakeClock();
      const members = new Map<string, readonly string[]>();
      let threshold: number | null = null;
      const terms: OrgTerms = {
        minHealthOf: () => threshold,
        isInPool: (_org, pool, id) => members.get(pool)?.includes(id) ?? false,
        onChanged: () => undefined,
      };
      const track = new TrackRecord({ clock, log: SILENT, onHoldsChanged: () => undefined });
      const kindOf = (org: string, kind: string): KindRecord => track.kind(org, kind);
      const instances = new Instances<never>({
        clock,
        minHealth: 0.5,
        terms,
        kindOf,
        onFreeChanged: () => undefined,
      });
      const groupOf = (pool: string | null, avoid: string | null) =>
        instances.group({ org: ORG, kind: 'work', requirements: { ...NO_REQUIREMENTS, pool } }, avoid);
      for (const one of steps) {
        // Groups that another avoids keep theirs alive while the terms change.
        for (const pool of POOLS) groupOf(pool, 'a');
        if (one.what === 'pool') members.set(one.pool, one.members);
        else if (one.what === 'threshold') threshold = one.value;
        else if (one.what === 'health')
          instances.setCondition(ORG, one.id, { health: one.value, intent: 'ACTIVE' });
        else if (one.what === 'drop') instances.drop(one.id);
        else {
          const state = instances.put({
            org: ORG,
            sessionId: one.id,
            spec: agent(one.id),
            slots: 1,
            held: [],
          });
          state.granted = 1;
          instances.loadChanged(state);
        }
        if (one.what === 'pool' || one.what === 'threshold') instances.termsChanged(ORG);
        for (const pool of POOLS) {
          const group = groupOf(pool, null);
          const wanted = [...instances.connected(ORG)].filter((state) =>
            isEligible(state.spec, state.agent.condition, group.requirements, threshold ?? 0.5, (of) =>
              terms.isInPool(ORG, of, state.agentId),
            ),
          );
          expect(new Set(group.eligible)).toEqual(new Set(wanted));
          expect(group.free.size).toBe(wanted.length);
        }
      }
    }),
    { numRuns: 300, seed: 5 },
  );
});
