import { setTimeout as pause } from 'node:timers/promises';
import { begin, type Scene } from './acts.js';
import type { Journal } from './journal.js';
import { inWords, type PlannedFault } from './schedule.js';
import type { Tally } from './tally.js';

export interface ScheduleOptions {
  readonly scene: Scene;
  readonly plan: readonly PlannedFault[];
  /** When the last fault is over at the latest. */
  readonly ms: number;
  readonly journal: Journal;
  readonly tally: Tally;
  /** Told of a fault that could not be made or ended. */
  readonly trouble: (words: string) => void;
}

/**
 * Makes every fault at its time and ends it after its span; one whose part has not recovered from
 * the one before waits for that. Resolves when the last is over.
 */
export async function runSchedule({
  scene,
  plan,
  ms,
  journal,
  tally,
  trouble,
}: ScheduleOptions): Promise<void> {
  const began = performance.now();
  const until = (atMs: number) => pause(Math.max(0, atMs - (performance.now() - began)));
  const busy = new Map<string, Promise<void>>();
  const running = plan.map((fault, i) => {
    const before = busy.get(fault.part);
    const made = make(fault, i, before);
    busy.set(fault.part, made);
    return made;
  });
  await Promise.all([...running, until(ms)]);

  async function make(fault: PlannedFault, i: number, before: Promise<void> | undefined): Promise<void> {
    await Promise.all([until(fault.atMs), before]);
    const started = performance.now() - began;
    const number = `#${i + 1}`;
    journal.say(`${number} ${inWords(fault)}`);
    const measured = tally.measure();
    try {
      const undo = await begin(scene, fault);
      await until(started + fault.lastsMs);
      await undo();
    } catch (error) {
      trouble(`${number} ${fault.name}: ${error instanceof Error ? error.message : error}`);
    }
    if (fault.lastsMs === 0) return;
    const { counts, longestPauseMs } = measured();
    journal.say(
      `${number} over (${fault.name}): ${counts.results} results meanwhile, longest pause ` +
        `${(longestPauseMs / 1_000).toFixed(1)} s, ${counts.unanswered} without an answer, ` +
        `${counts.leasesLost} leases lost`,
    );
  }
}
