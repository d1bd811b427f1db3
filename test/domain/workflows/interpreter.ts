import { decide } from '../../../src/domain/workflows/decide.js';
import { retryOf } from '../../../src/domain/workflows/retry.js';
import type { Snapshot } from '../../../src/domain/workflows/snapshot.js';
import type { WorkflowSpec } from '../../../src/domain/workflows/spec.js';
import { wakeTimeOf } from '../../../src/domain/workflows/wake-time.js';
import { isOver, type Workflow } from '../../../src/domain/workflows/workflow.js';
import type { Fate } from './fates.js';
import { createSteps } from './played-steps.js';
import { createPlayedWorld, type PlayedWorld } from './played-world.js';

/** Small ones, so that they are reached. */
const LIMITS = { chunk: 2, batch: 1, maxOpen: 5 };

/**
 * Plays a workflow as a coordinator would, and throws where it comes upon a step that must not be: each time some of the
 * steps are taken, in any order, or half of one; tasks end in any order; now and then all that is known is what was stored.
 */
export function createInterpreter(spec: WorkflowSpec, chance: () => number, said: Partial<Workflow> = {}) {
  const world = createPlayedWorld(spec, chance, said);
  const { workflow } = world;
  const take = createSteps(world, LIMITS);

  /** @returns whether there was anything to do */
  const advance = () => {
    if (chance() < 0.2) world.restart();
    const before = world.snapshot();
    const steps = decide(world.plan, before, world.now, LIMITS);
    const again = decide(world.plan, before, world.now, LIMITS);
    world.must(JSON.stringify(steps) === JSON.stringify(again), 'it decides otherwise');
    const wake = wakeTimeOf(world.plan, before, world.now);
    world.must(steps.length === 0 || wake !== null, 'what is left to do may be forgotten');
    const order = steps.map((step) => ({ step, place: chance() })).sort((a, b) => a.place - b.place);
    for (const { step } of order.slice(0, chance() < 0.5 ? 1 : order.length)) {
      world.snapshot();
      take(step);
    }
    return steps.length > 0;
  };

  return {
    snapshot: (): Snapshot => world.snapshot(),
    made: world.made as ReadonlySet<string>,
    cancel(): void {
      if (isOver(workflow.state) || workflow.state === 'COMPLETING') return;
      workflow.state = 'COMPLETING';
      workflow.end = 'CANCELLED';
    },
    /** Lets at most so many things happen. @returns whether it is over */
    play(fates: readonly Fate[], ticks: number): boolean {
      world.fates = fates;
      for (let tick = 0; tick < ticks && !isOver(workflow.state); tick++) {
        const first = chance();
        if (first < 0.3) world.now += 1;
        if (first < 0.5 && endOne(world)) continue;
        if (advance() || endOne(world) || askPerson(world)) continue;
        const wake = wakeTimeOf(world.plan, world.snapshot(), world.now);
        world.must(wake !== null && wake > world.now, 'it is stuck');
        world.now = wake ?? world.now;
      }
      return isOver(workflow.state);
    },
    retry: () => retry(world),
  };
}

/** One of the open tasks ends. */
function endOne(world: PlayedWorld): boolean {
  const all = world.open();
  const one = all[Math.floor(world.chance() * all.length)];
  if (one === undefined) return false;
  const { its, failures } = world.known(one.node);
  const times = failures[one.item - 1] ?? 0;
  if (times > 0) failures[one.item - 1] = times - 1;
  its.set(one.item, times > 0 ? 'FAILED' : 'SUCCEEDED');
  return true;
}

/** A person retries the failed tasks of a node that waits for that. */
function askPerson(world: PlayedWorld): boolean {
  const waiting = world.nodes.find((here) => here.state === 'ESCALATED' && here.failed > 0);
  if (waiting === undefined) return false;
  reopen(world, waiting.node);
  return true;
}

function reopen(world: PlayedWorld, node: number): void {
  const { its } = world.known(node);
  for (const [item, state] of its) if (state === 'FAILED') its.set(item, 'OPEN');
}

/** Begins again what did not succeed; nothing fails any more. */
function retry(world: PlayedWorld): void {
  const { anew, goOn, retryTasks } = retryOf(world.plan, world.snapshot());
  for (const node of retryTasks) reopen(world, node);
  for (const node of anew) {
    const { here, its } = world.known(node);
    its.clear();
    const nothing = { reason: '', total: 0, submitted: 0, startTime: null };
    Object.assign(here, { ...nothing, state: 'WAITING', run: here.run + 1 });
  }
  for (const { node, state } of goOn) {
    const { one, here, failures } = world.known(node);
    failures.length = 0;
    Object.assign(here, { state, reason: '' }, one.kind === 'GROUP' ? { startTime: world.now } : {});
  }
  const { workflow } = world;
  Object.assign(workflow, {
    state: 'RESOLVING',
    end: null,
    reason: '',
    deadline: null,
    run: workflow.run + 1,
  });
}
