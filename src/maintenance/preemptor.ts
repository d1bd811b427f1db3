import { mayPass } from '../domain/record-errors.js';
import type { OrgSnapshot } from '../ports/org-rules.js';
import type { Victim } from '../ports/victim-choice.js';
import type { Ports } from '../usecases/ports.js';
import { preemptTasks } from '../usecases/preempt-tasks.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

/** How often it is looked who waits, in ms. */
const LOOK_MS = 250;
/** Sent back at once, of an organisation. */
const BATCH = 100;
/** How often others are tried in place of those that were refused, before the next look. */
const MAX_TRIES = 5;

/**
 * Sends LOW work back where a person waits for a slot, of organisations that have kinds whose tasks may be: of the others
 * nothing is looked at. Every coordinator does this; the index sees to it that none is sent back twice for one task.
 */
export function createPreemptor(ports: Ports): Service {
  const { index, orgRules, clock, log } = ports;
  const preempt = preemptTasks(ports);
  const orgs = new Set<string>();

  async function tick(): Promise<boolean> {
    let failure: unknown = null;
    for (const org of orgs) {
      try {
        for (let tries = 0; tries < MAX_TRIES && (await sendBack(org)); tries += 1);
      } catch (error) {
        // The next one does not wait for it. While record or index are away nobody gets a slot anyway.
        if (!mayPass(error)) failure = error;
      }
    }
    if (failure !== null) throw failure;
    return false;
  }

  /** @returns whether others may be tried right away */
  async function sendBack(org: string): Promise<boolean> {
    const { config, jobKinds } = orgRules.known(org);
    if (!config.preemption) return false;
    const kinds = new Set([...jobKinds.values()].filter((one) => one.preemptible).map(({ kind }) => kind));
    if (kinds.size === 0) return false;
    const { preemptionGraceMs: graceMs } = config;
    const victims = await index.takeVictims(org, { kinds, max: BATCH, graceMs });
    if (victims.length === 0) return false;
    const refused = await preemptAll(victims, graceMs);
    if (refused.length > 0) await index.refuseVictims(org, refused);
    return refused.length > 0;
  }

  async function preemptAll(victims: readonly Victim[], graceMs: number): Promise<readonly Victim[]> {
    const requests = victims.map(({ org, taskId, epoch, forTaskId }) => {
      return { org, taskId, epoch, forTaskId, graceMs };
    });
    const outcomes = await preempt(requests);
    return victims.filter((_, i) => outcomes[i]?.kind !== 'OK');
  }

  function note({ org, jobKinds }: OrgSnapshot): void {
    if ([...jobKinds.values()].some(({ preemptible }) => preemptible)) orgs.add(org);
    else orgs.delete(org);
  }

  orgRules.onChanged(note);
  const ticker = createTicker({ name: 'preemptor', clock, log, everyMs: LOOK_MS, tick });
  return {
    ...ticker,
    start() {
      for (const snapshot of orgRules.all()) note(snapshot);
      ticker.start();
    },
  };
}
