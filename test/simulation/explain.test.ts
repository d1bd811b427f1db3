import { expect, test } from 'vitest';
import type { Change } from '../../src/domain/explain/explanation.js';
import { apply, hasEffect, Impossible, randomState } from './explain-states.js';

/** All of them where there is time for it. */
const STATES = Number(process.env.REEVE_EXPLAIN_STATES ?? (process.env.CI ? 10_000 : 2_000));
const FIRST_SEED = 1;

interface Score {
  kept: number;
  of: number;
  readonly broken: string[];
}

const score = (): Score => ({ kept: 0, of: 0, broken: [] });

function count(into: Score, isKept: boolean, what: string): void {
  into.of += 1;
  if (isKept) into.kept += 1;
  else if (into.broken.length < 5) into.broken.push(what);
}

test('what an explanation promises comes true, and nothing less would do', async () => {
  const [single, several, butOne, placebo] = [score(), score(), score(), score()];
  let impossible = 0;
  const seen = new Map<Change['kind'], number>();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + STATES; seed += 1) {
    const state = await randomState(seed);
    if (!state) continue;
    const { blockers, text } = await state.world.explain(state.taskId);
    const [first] = blockers;
    const what = `seed ${seed}: ${text}`;
    if (!first) throw new Error(`nothing keeps it: ${what}`);
    for (const { change } of blockers) seen.set(change.kind, (seen.get(change.kind) ?? 0) + 1);

    const without = async (left: number) => {
      const again = await randomState(seed);
      if (!again) throw new Error(`another state: ${what}`);
      for (const [i, { change }] of blockers.entries())
        if (i !== left) await apply(again.world, again.taskId, change);
      return hasEffect(again.world, again.taskId, first);
    };
    const kept = await without(-1).catch((error: unknown) => {
      if (error instanceof Impossible) return null;
      throw error;
    });
    if (kept === null) {
      impossible += 1;
      continue;
    }
    count(blockers.length === 1 ? single : several, kept, what);
    if (blockers.length > 1) {
      for (const i of blockers.keys()) count(butOne, !(await without(i)), `without ${i}, ${what}`);
    }
    const again = await randomState(seed);
    if (!again) throw new Error(`another state: ${what}`);
    await again.world.connect('placebo', { spec: { capabilities: ['nothing'] }, slots: 3 });
    count(placebo, !(await hasEffect(again.world, again.taskId, first)), `placebo, ${what}`);
  }
  const share = ({ kept, of }: Score) => kept / of;
  const all = { impossible, single, several, butOne, placebo, seen: Object.fromEntries(seen) };
  process.stdout.write(`${JSON.stringify(all, null, 1)}\n`);
  expect(impossible).toBeLessThan(STATES / 500);
  expect(share(single), single.broken.join('\n')).toBe(1);
  expect(share(several), several.broken.join('\n')).toBeGreaterThanOrEqual(0.995);
  expect(share(butOne), butOne.broken.join('\n')).toBeGreaterThanOrEqual(0.995);
  expect(share(placebo), placebo.broken.join('\n')).toBe(1);
}, 900_000);
