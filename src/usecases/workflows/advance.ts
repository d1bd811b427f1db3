import { decide } from '../../domain/workflows/decide.js';
import type { Step } from '../../domain/workflows/steps.js';
import { openOf } from '../../domain/workflows/snapshot.js';
import { wakeTimeOf } from '../../domain/workflows/time.js';
import { isOver } from '../../domain/workflows/workflow.js';
import type { WorkflowKey, WorkflowSnapshot } from '../../ports/workflow-record.js';
import { Expansions } from './expansions.js';
import { LoadedWorkflows } from './loaded-workflows.js';
import { isTimely, takeSteps } from './take-steps.js';
import { Turn } from './turn.js';
import { WorkingCopy } from './working-copy.js';
import type { WorkflowPorts } from './workflow-ports.js';

/** Readings of one workflow before others have their turn. */
const TURNS = 16;
/** Rounds of decisions in one reading; each has to lead somewhere. */
const MAX_ROUNDS = 10_000;

/** Where an advance left a workflow. GONE: it is over, or there is none. */
export interface Advanced {
  readonly kind: 'MORE' | 'DONE' | 'GONE';
  /** Its tasks that have not ended. */
  readonly open: number;
}

export interface AdvanceOptions {
  /** Whether the record is to know that it was looked at even if there is nothing to do: it is not due then. */
  readonly absorbs: boolean;
}

export type AdvanceWorkflow = (key: WorkflowKey, options: AdvanceOptions) => Promise<Advanced>;

/**
 * Takes a workflow as far as it goes now: reads it, decides, evaluates, submits, and commits what came of that if it is
 * as it was read; then again, until there is nothing to do. May be repeated at any point, and by several at once: tasks
 * have names, and of two who have decided the same one is told so.
 */
export function advanceWorkflow(ports: WorkflowPorts): AdvanceWorkflow {
  const contexts = new LoadedWorkflows(ports);
  const expansions = new Expansions(ports);

  async function take(snapshot: WorkflowSnapshot, absorbs: boolean): Promise<'AGAIN' | 'WAITS'> {
    const copy = new WorkingCopy(snapshot);
    const loaded = await contexts.load(copy.key);
    const turn = new Turn({ ports, loaded, copy, expansions, contexts });
    for (let round = 0; ; round++) {
      if (round === MAX_ROUNDS) throw new Error(`workflow ${copy.key.workflowId} goes round in circles`);
      const steps = decide(loaded.plan, copy, turn.now).filter((step) => isTimely(turn, step));
      if (steps.length === 0 || !(await takeSteps(turn, steps))) break;
    }
    if (!copy.isChanged && !absorbs) return turn.stirred ? 'AGAIN' : 'WAITS';
    return (await commit(turn)) || turn.stirred ? 'AGAIN' : 'WAITS';
  }

  /** @returns whether there may be more to decide */
  async function commit(turn: Turn): Promise<boolean> {
    const { copy, loaded, now } = turn;
    const { failpoints } = ports.ports;
    const wakeTime = isOver(copy.workflow.state) ? null : wakeTimeOf(loaded.plan, copy, now);
    const commit = copy.commit(wakeTime);
    await failpoints.hit('workflow.before-commit');
    const outcome = await ports.workflows.commit(commit);
    await failpoints.hit('workflow.after-commit');
    if (outcome.kind === 'NOT_FOUND') return true;
    if (outcome.kind !== 'OK') {
      await withdraw(turn);
      return true;
    }
    const { contextVersion } = copy.before.workflow;
    contexts.written(copy.key, contextVersion, outcome.workflow.contextVersion, commit.context);
    for (const [node, expansion] of turn.begun) expansions.keep(copy.key, copy.node(node), expansion);
    return copy.isChanged;
  }

  return async (key, { absorbs }) => {
    for (let i = 0; i < TURNS; i++) {
      const snapshot = await ports.workflows.open(key);
      if (!snapshot || isOver(snapshot.workflow.state)) {
        contexts.forget(key);
        return { kind: 'GONE', open: 0 };
      }
      if ((await take(snapshot, absorbs)) === 'WAITS') return { kind: 'DONE', open: openIn(snapshot) };
    }
    return { kind: 'MORE', open: 0 };
  };
}
