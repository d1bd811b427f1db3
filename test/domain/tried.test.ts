import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failed, NEW_STANDING, type Standing, succeeded } from '../../src/domain/agents/guard.js';
import { Tried } from '../../src/domain/agents/tried.js';

const RECENT_MS = 600_000;

test('counts who tried lately and who fails again and again, whatever came before', () => {
  const attempt = fc.record({
    agentId: fc.constantFrom('a', 'b', 'c', 'd'),
    ok: fc.boolean(),
    after: fc.constantFrom(0, 1_000, 200_000, 700_000),
    forget: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 60 }), (attempts) => {
      const tried = new Tried();
      const standings = new Map<string, Standing>();
      let now = 0;
      for (const { agentId, ok, after, forget } of attempts) {
        now += after;
        const before = standings.get(agentId) ?? NEW_STANDING;
        const standing = ok
          ? succeeded(before, now)
          : failed(before, { now, began: now, counts: true, mayHold: true });
        if (forget && ok) {
          standings.delete(agentId);
          tried.forget(agentId);
        } else {
          standings.set(agentId, standing);
          tried.note(agentId, standing);
        }
        const recent = [...standings.values()].filter((s) => now - s.lastAttempt <= RECENT_MS);
        expect(tried.count(now)).toEqual({
          tried: recent.length,
          failing: recent.filter((s) => s.failing >= 3).length,
        });
      }
    }),
  );
});
