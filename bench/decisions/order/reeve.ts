import { byBandAndScore, type Ranked } from '../../../src/domain/order/by-band-and-score.js';
import { DURATION_TERMS, type DurationTerms, durationTerm } from '../../../src/domain/order/duration-term.js';
import { type Running, victimOf } from '../../../src/domain/order/preemption.js';
import { bandInTurn, charged, NO_SHARE } from '../../../src/domain/order/share.js';
import type { Band } from '../../../src/domain/tasks/source.js';
import { scoreOf, TIER_AGING } from '../../../src/domain/tasks/tier.js';
import type { Job } from './job.js';
import { Lane, type Waiting } from './lane.js';
import { LearnedDurations } from './learned-durations.js';
import type { Order } from './order.js';

/** What may be otherwise than in the product, to see what it is worth. */
export interface Settings {
  readonly compare: (a: Ranked, b: Ranked) => number;
  readonly terms: DurationTerms;
  readonly restShare: number;
  readonly preemption: boolean;
  /** Where fairness keys take turns: among tasks of a kind and tier, or of a tier whatever their kind. */
  readonly turnsOver: 'LANE' | 'TIER';
}

export const SETTINGS: Settings = {
  compare: byBandAndScore,
  terms: DURATION_TERMS,
  restShare: 0.05,
  preemption: true,
  turnsOver: 'LANE',
};

/** What a task is taken to need of which nothing is known, in ms. */
const UNKNOWN_MS = 60_000;

interface Begun extends Running {
  readonly job: Job;
  readonly expectedMs: number;
  /** It was given out while the other band had something, too. */
  readonly contended: boolean;
}

/** The product's order: its own rules, on lists that are short enough to be simple. */
export function reeve(settings: Settings = SETTINGS): Order {
  const durations = new LearnedDurations();
  const lanes = new Map<string, Lane>();
  const waiting: Record<Band, number> = { HUMAN: 0, OTHER: 0 };
  const scores = new Map<string, number>();
  const running = new Map<string, Begun>();
  const sentBack = new Map<string, number>();
  const stopping = new Set<string>();
  let share = NO_SHARE;

  const laneOf = ({ band, tier, kind }: Job): Lane => {
    const name = `${band}/${tier}/${settings.turnsOver === 'LANE' ? kind : ''}`;
    const lane = lanes.get(name) ?? new Lane(band);
    lanes.set(name, lane);
    return lane;
  };

  /** Fixed when it first could run, and kept. */
  const scoreFor = (job: Job): number => {
    const { taskId, tier, kind, release } = job;
    const score =
      scores.get(taskId) ??
      scoreOf(release, tier, TIER_AGING) + durationTerm(durations.of(kind), tier, settings.terms);
    scores.set(taskId, score);
    return score;
  };

  const head = (band: Band, now: number): Lane | undefined => {
    let best: { readonly lane: Lane; readonly task: Ranked } | undefined;
    for (const lane of lanes.values()) {
      const first = lane.band === band ? lane.first(now) : undefined;
      if (!first) continue;
      const task = { ...first, band };
      if (!best || settings.compare(task, best.task) < 0) best = { lane, task };
    }
    return best?.lane;
  };

  const begin = ({ job }: Waiting, lane: Lane, contended: boolean, onShare: boolean, now: number): Job => {
    const { taskId, tier, preemptible, band, fairnessKey } = job;
    const expectedMs = durations.of(job.kind) ?? UNKNOWN_MS;
    const preemptions = sentBack.get(taskId) ?? 0;
    running.set(taskId, {
      ...{ job, taskId, tier, preemptible, onShare, preemptions, began: now, expectedMs, contended },
    });
    if (contended) share = charged(share, band, expectedMs);
    lane.charge(fairnessKey, expectedMs);
    waiting[band] -= 1;
    return job;
  };

  return {
    add(job) {
      laneOf(job).add({ taskId: job.taskId, score: scoreFor(job), job });
      waiting[job.band] += 1;
    },

    next(now) {
      const contended = waiting.HUMAN > 0 && waiting.OTHER > 0;
      const turn = bandInTurn(share, settings.restShare);
      const band: Band = contended ? turn : waiting.HUMAN > 0 ? 'HUMAN' : 'OTHER';
      const lane = head(band, now);
      const task = lane?.take(now);
      return lane && task ? begin(task, lane, contended, contended && band === 'OTHER', now) : null;
    },

    ended(job, now, tookMs, how) {
      const begun = running.get(job.taskId);
      if (!begun) throw new Error(`${job.taskId} has ended, and did not run`);
      running.delete(job.taskId);
      stopping.delete(job.taskId);
      const wrong = tookMs - begun.expectedMs;
      if (begun.contended) share = charged(share, job.band, wrong);
      laneOf(job).charge(job.fairnessKey, wrong);
      if (how === 'SUCCEEDED') durations.succeeded(job.kind, tookMs, now);
      else sentBack.set(job.taskId, begun.preemptions + 1);
    },

    /** At most one is being sent back for each that a person waits for. */
    victim() {
      if (!settings.preemption || waiting.HUMAN <= stopping.size) return null;
      const victim = victimOf([...running.values()].filter(({ taskId }) => !stopping.has(taskId)));
      if (victim) stopping.add(victim.taskId);
      return victim?.job ?? null;
    },
  };
}
