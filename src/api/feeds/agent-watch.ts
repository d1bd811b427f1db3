import type { Clock } from '../../ports/clock.js';
import type { AgentView, Fleet } from '../../ports/fleet.js';
import { every } from './every.js';
import { OrgListeners } from './org-listeners.js';
import { takeFirst } from './take-first.js';

export interface AgentChange {
  readonly agent: AgentView;
  /** It is no longer among those that were asked for. */
  readonly left: boolean;
}

/** What a watch of agents tells at once; without changes it is a sign of life. */
export interface AgentStep {
  readonly changes: readonly AgentChange[];
  /** The changes are part of the snapshot. */
  readonly snapshot: boolean;
  readonly snapshotComplete: boolean;
}

export interface AgentWatchers {
  /** Tells that something about an agent may have changed; costs next to nothing while nobody watches. */
  changed(org: string, agentId: string): void;
  /**
   * Follows the agents that `accept` takes: those there are, then each after changes; what
   * changes again before the consumer asks is told of once. Never ends by itself.
   *
   * @param signal ends the watch, without an error
   */
  watch(org: string, accept: (agent: AgentView) => boolean, signal: AbortSignal): AsyncGenerator<AgentStep>;
}

/** Agents that one step tells of at most. */
const STEP = 200;
/** How often figures of an agent (load, health, when it was heard of) are told of at most. */
const FIGURES_MS = 1_000;
const SIGN_OF_LIFE_MS = 10_000;

/** What was last told of an agent, or would have been if it were not left out. */
interface Told {
  readonly chosen: boolean;
  readonly at: number;
  readonly entry: AgentView['entry'];
  readonly condition: string;
  readonly figures: string;
}

export function createAgentWatchers({
  fleet,
  clock,
}: {
  readonly fleet: Pick<Fleet, 'get' | 'list'>;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
}): AgentWatchers {
  const listeners = new OrgListeners<(agentId: string) => void>();

  async function* watch(org: string, accept: (agent: AgentView) => boolean, signal: AbortSignal) {
    const told = new Map<string, Told>();
    const dirty = new Set<string>();
    /** Those whose figures were told of just now. */
    const later = new Set<string>();
    let wake = () => {};
    const rouse = () => wake();
    let lifeDue = false;

    /** What there is to tell of an agent: nothing, or one change. */
    function change(agent: AgentView): AgentChange[] {
      const { agentId } = agent.entry.spec;
      const before = told.get(agentId);
      const now = toldOf(agent, accept(agent), clock.monotonic());
      if (!before?.chosen && !now.chosen) return [];
      if (before?.chosen === now.chosen && isSame(before, now)) return [];
      const onlyFigures = before?.entry === now.entry && before.condition === now.condition;
      if (onlyFigures && now.at - before.at < FIGURES_MS) {
        if (later.size === 0) stopLater = clock.after(FIGURES_MS, resume);
        later.add(agentId);
        return [];
      }
      told.set(agentId, now);
      return [{ agent, left: !now.chosen }];
    }
    function resume(): void {
      for (const agentId of later) dirty.add(agentId);
      later.clear();
      wake();
    }
    let stopLater = () => {};
    const unlisten = listeners.add(org, (agentId) => {
      dirty.add(agentId);
      wake();
    });
    signal.addEventListener('abort', rouse);
    const stopSigns = every(clock, SIGN_OF_LIFE_MS, () => {
      lifeDue = true;
      wake();
    });
    try {
      for (let after: string | undefined = ''; after !== undefined && !signal.aborted; ) {
        const agents: readonly AgentView[] = fleet.list(org, after, STEP, accept);
        after = agents.length === STEP ? agents.at(-1)?.entry.spec.agentId : undefined;
        const snapshotComplete = after === undefined;
        yield { changes: agents.flatMap(change), snapshot: true, snapshotComplete };
      }
      while (!signal.aborted) {
        if (dirty.size > 0) {
          const views = takeFirst(dirty, STEP).flatMap((agentId) => fleet.get(org, agentId) ?? []);
          const changes = views.flatMap(change);
          if (changes.length > 0) yield { changes, snapshot: false, snapshotComplete: false };
        } else if (lifeDue) {
          lifeDue = false;
          yield { changes: [], snapshot: false, snapshotComplete: false };
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      stopLater();
      stopSigns();
      signal.removeEventListener('abort', rouse);
      unlisten();
    }
  }

  return {
    changed(org, agentId) {
      for (const listener of listeners.of(org)) listener(agentId);
    },
    watch,
  };
}

function toldOf(agent: AgentView, chosen: boolean, at: number): Told {
  const { entry, status, healthScore, lastHeartbeatTime, load, inFlight, slots, credit, instances } = agent;
  // A busy agent is one with much load, and changes as often.
  const condition = [status === 'BUSY' ? 'ACTIVE' : status, ...instances.map((i) => i.sessionId)].join(' ');
  const figures = JSON.stringify([status, healthScore, lastHeartbeatTime, load, inFlight, slots, credit]);
  return { chosen, at, entry, condition, figures };
}

function isSame(a: Told, b: Told): boolean {
  return a.entry === b.entry && a.condition === b.condition && a.figures === b.figures;
}
