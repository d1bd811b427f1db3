import { describe, expect, test } from 'vitest';
import type { OrgConfig } from '../../src/domain/config/org-config.js';
import { DURATION_TERMS, NO_DURATION_TERMS } from '../../src/domain/order/duration-term.js';
import type { Tier } from '../../src/domain/tasks/tier.js';
import { admitTasks } from '../../src/usecases/admission/admit-tasks.js';
import { rankAgain } from '../../src/usecases/admission/rank-again.js';
import { applicant, HOUR, judgedOf, names, PRINCIPAL, setup } from './support/admission-world.js';

const MINUTE = 60_000;
const { NORMAL, HIGH, LOW, URGENT } = DURATION_TERMS.factors;
const EXPECTED: Readonly<Record<string, number>> = { short: MINUTE, long: 10 * MINUTE, endless: 24 * HOUR };
const expectedMs = (kind: string) => EXPECTED[kind] ?? null;
type World = Parameters<typeof setup>[0];

async function headStart(kind: string, over: World = {}, tier: Tier = 'NORMAL') {
  const { admit } = setup({ expectedMs, ...over });
  return judgedOf((await admit(applicant({ kind, tier })))[0]).headStartMs;
}

describe('what tasks stand back because they are expected to take long', () => {
  test('is by its tier a multiple of that, of half an hour at most; of a kind of which nothing is known nothing', async () => {
    expect(await headStart('short')).toBe(6 * HOUR - NORMAL * MINUTE);
    expect(await headStart('long')).toBe(6 * HOUR - NORMAL * 10 * MINUTE);
    expect(await headStart('endless')).toBe(6 * HOUR - NORMAL * 30 * MINUTE);
    expect(await headStart('unknown')).toBe(6 * HOUR);
  });

  test('may be more than the head start', async () => {
    expect(await headStart('endless', {}, 'LOW')).toBe(-LOW * 30 * MINUTE);
  });

  test('is told at once where nobody is asked, of a batch by kind and tier', () => {
    const { ports } = setup({ expectedMs });
    const answer = admitTasks(ports)(PRINCIPAL, [
      applicant({ kind: 'short', tier: 'HIGH' }),
      applicant({ kind: 'long', tier: 'LOW' }),
    ]);
    expect(answer).toMatchObject([
      { headStartMs: 12 * HOUR - HIGH * MINUTE },
      { headStartMs: -LOW * 10 * MINUTE },
    ]);
  });

  test.each<[string, Partial<OrgConfig>, number]>([
    ['a factor of their tier', { durationFactors: { NORMAL: 2 } }, 20 * MINUTE],
    ['none by a factor of 0', { durationFactors: { NORMAL: 0 } }, 0],
    ['as ever by the factor of another tier', { durationFactors: { HIGH: 0 } }, NORMAL * 10 * MINUTE],
    ['up to a cap', { durationCapMs: MINUTE }, NORMAL * MINUTE],
    ['none by a cap of 0', { durationCapMs: 0 }, 0],
  ])('is set by their organisation: %s', async (_what, config, back) => {
    expect(await headStart('long', { config })).toBe(6 * HOUR - back);
  });

  test('is nothing where who comes first goes first, by the formula of the organisation or the server', async () => {
    expect(await headStart('long', { config: { priorityFormula: 'fcfs' } })).toBe(0);
    const server = { durationTerms: NO_DURATION_TERMS };
    expect(await headStart('long', server)).toBe(6 * HOUR);
    expect(await headStart('long', { ...server, config: { durationFactors: { NORMAL: 5 } } })).toBe(6 * HOUR);
    const own = { ...server, config: { priorityFormula: 'tier_aging' as const } };
    expect(await headStart('long', own)).toBe(6 * HOUR - NORMAL * 10 * MINUTE);
  });

  test('comes to what any other formula or policy gives', async () => {
    const submitter: World = { config: { priorityFormula: 'submitter' } };
    expect(await headStart('long', submitter)).toBe(-NORMAL * 10 * MINUTE);
    const weighted: World = {
      config: { priorityFormula: 'weighted', priorityExpression: "duration('3h')" },
      evaluate: () => '10800s',
    };
    expect(await headStart('long', weighted)).toBe(3 * HOUR - NORMAL * 10 * MINUTE);
    const policies = [{ policyId: 'rank', kind: 'PRIORITY' as const }];
    const { admit } = setup({ expectedMs, policies, decide: () => ({ priority: 800 }) });
    const task = applicant({ kind: 'long' }, names({ priority: 'rank' }));
    expect(judgedOf((await admit(task))[0]).headStartMs).toBe(24 * HOUR - NORMAL * 10 * MINUTE);
  });

  test('is found anew for a task that is changed, by its tier as it is then', async () => {
    const { ports, snapshot } = setup({ expectedMs });
    const changed = await rankAgain(ports, snapshot, applicant({ kind: 'long', tier: 'URGENT' }));
    expect(changed.headStartMs).toBe(24 * HOUR - URGENT * 10 * MINUTE);
    const fcfs = setup({ expectedMs, config: { priorityFormula: 'fcfs' } });
    const other = await rankAgain(fcfs.ports, fcfs.snapshot, applicant({ kind: 'long' }));
    expect(other.headStartMs).toBe(0);
  });
});
