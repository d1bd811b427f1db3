import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolve } from '../../../src/domain/workflows/resolve.js';
import type { WorkflowSpec } from '../../../src/domain/workflows/spec.js';
import { stagesOf } from '../../../src/domain/workflows/stages.js';
import type { NodeState, Workflow } from '../../../src/domain/workflows/workflow.js';
import { seededRandom } from '../../support/seeded-random.js';
import { drawFates, expected, mended } from './fates.js';
import { createInterpreter } from './interpreter.js';
import { anySpec, soundSpec } from './random-specs.js';

/** More than any of them takes. */
const TICKS = 3_000;
const seed = fc.integer();

function setup(spec: WorkflowSpec, from: number, said: Partial<Workflow> = {}) {
  const chance = seededRandom(from);
  const { plan } = resolve(spec);
  if (plan === null) throw new Error('it is not sound');
  const fates = drawFates(plan, chance);
  return { plan, fates, chance, game: createInterpreter(spec, chance, said) };
}

const unbounded = (spec: WorkflowSpec): WorkflowSpec => ({
  ...spec,
  groups: spec.groups.map((group) => ({ ...group, timeoutMs: null })),
});

describe('a workflow of any shape', () => {
  it('is refused exactly if something in it waits for itself', () => {
    fc.assert(
      fc.property(anySpec, ({ spec, isSound }) => {
        const { plan, problems } = resolve(spec);
        expect(plan !== null).toBe(isSound);
        expect(problems.every(({ reason }) => reason === 'CYCLE')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('has each task in one stage, after all that it waits for', () => {
    fc.assert(
      fc.property(soundSpec, (spec) => {
        const { plan } = resolve(spec);
        const stages = plan === null ? [] : stagesOf(plan);
        const stageOf = (address: string) => stages.findIndex((stage) => stage.includes(address));
        for (const one of plan?.nodes ?? []) {
          if (one.kind === 'GROUP') continue;
          expect(stages.flat().filter((address) => address === one.address)).toHaveLength(1);
          const waits = [...one.waitsFor, ...(plan?.nodes[one.groupNode]?.waitsFor ?? [])];
          for (const other of waits) {
            const its = plan?.nodes[other];
            const before = its?.kind === 'GROUP' ? its.tasks : [other];
            for (const task of before) {
              expect(stageOf(plan?.nodes[task]?.address ?? '')).toBeLessThan(stageOf(one.address));
            }
          }
        }
        expect(stages.every((stage) => stage.length > 0)).toBe(true);
      }),
    );
  });
});

describe('a workflow that is played', () => {
  it('ends as it has to, whatever ends first and whenever it is taken up again', () => {
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(soundSpec, seed, (drawn, from) => {
        const { plan, fates, game } = setup(unbounded(drawn), from);
        expect(game.play(fates, TICKS)).toBe(true);
        const { workflow, nodes } = game.snapshot();
        const want = expected(plan, fates);
        ends.set(workflow.state, (ends.get(workflow.state) ?? 0) + 1);
        expect(workflow.state).toBe(want.end);
        nodes.forEach(({ state }, node) => {
          // What a failure has overtaken did not come to what it would have.
          const early: NodeState[] = want.end === 'FAILED' ? ['CANCELLED', 'FAILED', 'PARTIAL'] : [];
          expect([want.states[node], ...early]).toContain(state);
        });
      }),
      { numRuns: 300 },
    );
    expect([...ends.keys()].sort()).toEqual(['FAILED', 'PARTIAL', 'SUCCEEDED']);
  });

  it('ends when it is cancelled, or takes too long, or one of its groups does', () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(
        soundSpec,
        seed,
        fc.option(fc.integer({ min: 0, max: 80 })),
        fc.nat(100),
        (spec, from, deadline, ticks) => {
          const { fates, game } = setup(spec, from, { deadline });
          if (!game.play(fates, ticks)) {
            if (ticks % 2 === 0) game.cancel();
            expect(game.play(fates, TICKS)).toBe(true);
          }
          const { workflow, nodes } = game.snapshot();
          codes.add(`${workflow.state} ${workflow.reason.split(':')[0]}`);
          if (workflow.state === 'SUCCEEDED') {
            expect(nodes.every(({ state }) => state === 'SUCCEEDED' || state === 'SKIPPED')).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
    expect([...codes]).toEqual(
      expect.arrayContaining([
        'CANCELLED ',
        'FAILED TASK_FAILED',
        'FAILED TIMED_OUT',
        'PARTIAL TASK_FAILED',
        'SUCCEEDED ',
      ]),
    );
  });

  it('comes to all results when it is run again and nothing fails any more, without doing twice what it has', () => {
    fc.assert(
      fc.property(soundSpec, seed, fc.nat(100), (drawn, from, ticks) => {
        const { plan, fates, game, chance } = setup(unbounded(drawn), from);
        if (!game.play(fates, ticks)) {
          if (chance() < 0.5) game.cancel();
          expect(game.play(fates, TICKS)).toBe(true);
        }
        const before = game.snapshot();
        if (before.workflow.state === 'SUCCEEDED') return;
        const made = new Set(game.made);
        game.retry();
        const lucky = mended(fates);
        expect(game.play(lucky, TICKS)).toBe(true);
        const after = game.snapshot();
        expect(after.workflow.state).toBe('SUCCEEDED');
        before.nodes.forEach((was, node) => {
          const is = after.nodes[node];
          expect(['SUCCEEDED', 'SKIPPED']).toContain(is?.state);
          if (was.state !== 'SUCCEEDED' || plan.nodes[node]?.kind === 'GROUP') return;
          expect(is?.run).toBe(was.run);
          expect(is?.succeeded).toBe(was.succeeded);
        });
        for (const name of game.made) {
          const [address, run] = name.split('/');
          const node = plan.nodes.findIndex((one) => one.address === address);
          const was = before.nodes[node];
          // New items are those of a new run, or those that were still to be made.
          if (!made.has(name) && was?.run === Number(run)) expect(was.submitted).toBeLessThan(was.total);
        }
      }),
      { numRuns: 250 },
    );
  });
});
