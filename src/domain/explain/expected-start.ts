import type { StartEstimate } from './explanation.js';
import type { AgentFacts, Facts } from './facts.js';
import type { LaneAhead } from './lane-place.js';
import { releasedLanes } from './ways.js';

/** Of a standard normal variable, so that eight of ten lie between minus and plus it. */
const NINE_TENTHS = 1.2816;
/** Tasks that come later and go first slow the rest down, but never to less than this share. */
const LEAST_SHARE = 0.05;

/**
 * When a QUEUED task is likely to start: when as many slots have become free as tasks go before it, and one
 * more. Slots become free as if they had been in use for long, independent of each other, each for as long as
 * such tasks were measured to take: the n-th of k slots after n · mean ÷ k, spread like a gamma variable. As
 * long as few tasks pass each slot these come like a Poisson process whatever the service times, later their
 * own spread counts. `null` if nobody may get it, the queue is paused, a limit is full, or nothing of its kind has ended yet.
 */
export function expectedStart(facts: Facts): StartEstimate | null {
  const { place, agents, now, overtaking } = facts;
  if (!place || place.holds.length > 0 || (place.limits ?? []).length > 0) return null;
  const takers = agents.filter(({ spec, against }) => against.length === 0 && place.takers.has(spec.agentId));
  if (takers.length === 0) return null;
  const lanes = releasedLanes(place).filter((lane) => takers.some(({ spec }) => lane.goesTo(spec.agentId)));
  const ahead = lanes.reduce((sum, { count }) => sum + count, 0);
  const free = takers.reduce((sum, { credit }) => sum + credit, 0);
  const n = ahead + 1 - free;
  if (n <= 0) return { expected: now, earliest: now, latest: now };
  const slots = takers.reduce((sum, taker) => sum + usedBy(taker), 0);
  const durations = place.durations;
  if (durations === null || slots === 0) return null;
  const meanMs = mixedMean(lanes, durations.meanMs);
  const { spread, count } = durations;
  const rate = slots / meanMs;
  const slowed = rate / Math.max(LEAST_SHARE * rate, rate - overtaking);
  const mean = (n / rate) * slowed;
  // How far counts of ends are from those of a Poisson process, after so many of each slot.
  const perSlot = n / slots;
  const dispersion = spread ** 2 + (1 - spread ** 2) / (1 + 3 * perSlot);
  // Of what is measured: few say little, and of those that are under way the long ones are not counted yet.
  const unsure = spread ** 2 / count + ((slots * (1 + spread ** 2)) / (2 * count)) ** 2;
  const variance = mean ** 2 * (Math.max(0.02, dispersion) / n + unsure);
  const [earliest, latest] = gammaInterval(mean, variance);
  return {
    expected: Math.round(now + mean),
    earliest: Math.round(now + earliest),
    latest: Math.round(now + latest),
  };
}

function usedBy({ slots, inFlight, credit }: AgentFacts): number {
  return Math.min(slots, inFlight + credit);
}

/** Of those that go before and the task itself; a kind of which nothing is known counts as its own. */
function mixedMean(lanes: readonly LaneAhead[], own: number): number {
  let [sum, count] = [own, 1];
  for (const lane of lanes) {
    sum += lane.count * (lane.durations?.meanMs ?? own);
    count += lane.count;
  }
  return sum / count;
}

/** What lies between the first and the last tenth of a gamma variable, after Wilson and Hilferty. */
export function gammaInterval(mean: number, variance: number): readonly [number, number] {
  const shape = mean ** 2 / variance;
  if (shape < 0.5) return exponentialInterval(mean);
  const at = (z: number) => mean * Math.max(0, 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))) ** 3;
  return [at(-NINE_TENTHS), at(NINE_TENTHS)];
}

function exponentialInterval(mean: number): readonly [number, number] {
  return [-mean * Math.log(0.9), -mean * Math.log(0.1)];
}
