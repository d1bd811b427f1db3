import { decide } from '../../domain/workflows/decide.js';
import { openOf } from '../../domain/workflows/snapshot.js';
import { wakeTimeOf } from '../../domain/workflows/wake-time.js';
import { isOver, type WorkflowNode } from '../../domain/workflows/workflow.js';
import type { WorkflowKey, WorkflowSnapshot } from '../../ports/workflow-record.js';
import { withdraw } from './cancel-open.js';
import { Expansions } from './expansions.js';
import { LoadedWorkflows } from './loaded-workflows.js';
import { pruneContext } from './prune-context.js';
import { isTimely, takeSteps } from './take-steps.js';
import { type Made, Turn } from './turn.js';
import type { WorkflowPorts } from './workflow-ports.js';
import { WorkingCopy } from './working-copy.js';

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
export function advanceWorkflow(
  ports: WorkflowPorts,
  contexts: LoadedWorkflows = new LoadedWorkflows(ports),
): AdvanceWorkflow {
  const expansions = new Expansions(ports);

  /** @returns the turn, with what was decided in it */
  async function take(snapshot: WorkflowSnapshot, early: readonly Made[]): Promise<Turn> {
    const copy = new WorkingCopy(snapshot);
    const loaded = await contexts.load(copy.key);
    const turn = new Turn({ ports, loaded, copy, expansions, contexts });
    turn.made.push(...(await withdraw(turn, early)));
    for (let round = 0; ; round++) {
      if (round === MAX_ROUNDS) throw new Error(`workflow ${copy.key.workflowId} goes round in circles`);
      const decided = decide(loaded.plan, copy, turn.now, ports.limits);
      const steps = decided.filter((step) => isTimely(turn, step));
      if (steps.length > 0 && (await takeSteps(turn, steps))) continue;
      turn.isBehind = steps.length < decided.length;
      return turn;
    }
  }

  /** @returns whether it was as it had been read */
  async function commit({ copy, loaded, now, begun }: Turn): Promise<boolean> {
    const { failpoints } = ports.ports;
    const commit = copy.commit(wakeTimeOf(loaded.plan, copy, now));
    await failpoints.hit('workflow.before-commit');
    const outcome = await ports.workflows.commit(commit);
    await failpoints.hit('workflow.after-commit');
    if (outcome.kind !== 'OK') return false;
    const { contextVersion } = copy.before.workflow;
    contexts.written(copy.key, contextVersion, outcome.workflow.contextVersion, commit.context);
    if (commit.context.length > 0) await pruneContext(ports.workflows, outcome.workflow);
    for (const [node, expansion] of begun) expansions.keep(copy.key, copy.node(node), expansion);
    return true;
  }

  return async (key, { absorbs }) => {
    let early: readonly Made[] = [];
    for (let i = 0; i < TURNS; i++) {
      const snapshot = await ports.workflows.open(key);
      if (!snapshot || isOver(snapshot.workflow.state)) {
        if (snapshot) await withdraw({ ports, copy: new WorkingCopy(snapshot) }, early);
        contexts.forget(key);
        return GONE;
      }
      const turn = await take(snapshot, early);
      const { isChanged } = turn.copy;
      const isCommitted = isChanged || absorbs ? await commit(turn) : true;
      early = isCommitted ? [] : turn.made;
      if (!isCommitted || turn.stirred || (isChanged && turn.isBehind)) continue;
      // What has ended since it was read wakes it again, or is due.
      if (!isOver(turn.copy.workflow.state)) return { kind: 'DONE', open: openIn(turn.copy.nodes) };
      contexts.forget(key);
      return GONE;
    }
    return { kind: 'MORE', open: 0 };
  };
}

const GONE: Advanced = { kind: 'GONE', open: 0 };

function openIn(nodes: readonly WorkflowNode[]): number {
  return nodes.reduce((open, node) => open + openOf(node), 0);
}
