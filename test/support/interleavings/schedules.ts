import type { Ended, Participant, Verb } from './participant.js';
import { STEPS } from './participant.js';

/** Whose turn it is, step by step: 0 and 1, each three times. */
export type Order = readonly (0 | 1)[];

/**
 * All orders of the steps of two, one of those that can't differ: a snapshot sees what is committed,
 * so it commutes with all but commits of the other, and commits commute with each other: six of twenty.
 */
export const ORDERS: readonly Order[] = distinct(allOrders());

function allOrders(): Order[] {
  const found: Order[] = [];
  for (let bits = 0; bits < 64; bits++) {
    const order = Array.from({ length: 6 }, (_, i) => ((bits >> i) & 1) as 0 | 1);
    if (order.filter((turn) => turn === 1).length === 3) found.push(order);
  }
  return found;
}

type Places = readonly [snapshot: number, go: number, commit: number];

function distinct(orders: readonly Order[]): Order[] {
  const byMeaning = new Map<string, Order>();
  for (const order of orders) {
    const places = ([0, 1] as const).map((who) => order.flatMap((turn, at) => (turn === who ? at : [])));
    const [[s0, g0, c0], [s1, g1, c1]] = places as unknown as readonly [Places, Places];
    const meaning = [s0 < c1, s1 < c0, g0 < g1, g0 < c1, g1 < c0].join();
    if (!byMeaning.has(meaning)) byMeaning.set(meaning, order);
  }
  return [...byMeaning.values()];
}

/** `a.snapshot b.snapshot b.go …` */
export function nameOf(order: Order): string {
  return order
    .map((who, at) => `${'AB'[who]}.${STEPS[order.slice(0, at).filter((turn) => turn === who).length]}`)
    .join(' ');
}

/**
 * Runs two verbs in an order. Who waits for a lock of the other passes its turn on until that has
 * committed; who is told to try again does so when the other is done.
 */
export async function runPair(
  participants: readonly [Participant, Participant],
  verbs: readonly [Verb, Verb],
  order: Order,
): Promise<readonly [unknown, unknown]> {
  const turns = [...order];
  let passed = 0;
  for (let who = turns.shift(); who !== undefined; who = turns.shift()) {
    if (await participants[who].step(verbs[who])) {
      passed = 0;
      continue;
    }
    turns.push(who);
    // Both wait for each other: Postgres ends one of them.
    if (++passed > turns.length) await Promise.race(participants.map((p) => p.through()));
  }
  const first = [await participants[0].ended(), await participants[1].ended()] as const;
  return [
    await insist(participants[0], verbs[0], first[0]),
    await insist(participants[1], verbs[1], first[1]),
  ];
}

/** Repeats a verb, with nobody else there, that was told to try again. */
export async function insist(participant: Participant, verb: Verb, ended: Ended): Promise<unknown> {
  let last = ended;
  for (let tries = 0; last === 'again'; tries++) {
    if (tries === 3) throw new Error('it is told to try again, and nobody else is there');
    for (const _ of STEPS) await participant.step(verb);
    last = await participant.ended();
  }
  return last.outcome;
}
