import { seededRandom } from '../support/history-jobs.js';
import {
  FAULTS,
  type FaultKind,
  type FaultName,
  type Need,
  OF_A_COORDINATOR,
  OF_A_LINK,
  OF_THE_FRONT,
} from './faults.js';

/** A fault that is to come. */
export interface PlannedFault {
  readonly atMs: number;
  /** 0: it is over at once. */
  readonly lastsMs: number;
  readonly name: FaultName;
  /** What it hits; faults of the same part never overlap. */
  readonly part: string;
  /** From 0: which coordinator, or which agent. */
  readonly which: number;
  /** What is between which ends. */
  readonly link?: 'postgres' | 'redis' | 'front';
  /** Ms of delay, seconds of a jump, bytes a second, by the kind of fault. */
  readonly amount: number;
  /** Of the connections. */
  readonly share: number;
  readonly toServer: boolean;
}

/** What there is to attack. */
export interface Shape {
  readonly coordinators: number;
  readonly agents: number;
  readonly has: ReadonlySet<Need>;
}

/** Between the beginnings of two faults, in ms. */
const GAP_MS = [1_000, 6_000] as const;
/** Every fault is over so long before the end. */
const CALM_MS = 500;

/** The faults of so many ms, which depend on nothing but the seed and the shape. */
export function planFaults(seed: number, ms: number, shape: Shape): PlannedFault[] {
  const random = seededRandom(seed);
  const between = ([least, most]: readonly [number, number]) => Math.round(least + random() * (most - least));
  const possible = (Object.keys(FAULTS) as FaultName[]).filter((name) => {
    const kind: FaultKind = FAULTS[name];
    return kind.needs === undefined || shape.has.has(kind.needs);
  });
  const busyUntil = new Map<string, number>();
  const plan: PlannedFault[] = [];
  for (let at = between(GAP_MS); at < ms; at += between(GAP_MS)) {
    const name = weighted(possible, random());
    const lastsMs = between(FAULTS[name].lastsMs);
    const fault = { atMs: at, lastsMs, name, ...detailsOf(name, shape, random, between) };
    const end = at + lastsMs + CALM_MS;
    if ((busyUntil.get(fault.part) ?? 0) > at || end > ms) continue;
    busyUntil.set(fault.part, end);
    plan.push(fault);
  }
  return plan;
}

function weighted(names: readonly FaultName[], roll: number): FaultName {
  const sum = names.reduce((total, name) => total + FAULTS[name].weight, 0);
  let left = roll * sum;
  for (const name of names) {
    left -= FAULTS[name].weight;
    if (left < 0) return name;
  }
  return names.at(-1) ?? 'kill coordinator';
}

function detailsOf(
  name: FaultName,
  shape: Shape,
  random: () => number,
  between: (range: readonly [number, number]) => number,
): Omit<PlannedFault, 'atMs' | 'lastsMs' | 'name'> {
  const pick = (count: number) => Math.floor(random() * count);
  // Always as many numbers, so that a plan changes little when a kind of fault does.
  const [coordinator, agent, way, share, toServer] = [
    pick(shape.coordinators),
    pick(Math.max(1, shape.agents)),
    random(),
    0.2 + random() * 0.8,
    random() < 0.5,
  ];
  const amount = amountOf(name, between, random() < 0.5);
  const common = { amount, share, toServer };
  if (OF_A_COORDINATOR.has(name))
    return { ...common, part: `coordinator ${coordinator + 1}`, which: coordinator };
  if (OF_A_LINK.has(name) && shape.has.has('stores') && way < 0.75) {
    const link = way < 0.4 ? 'postgres' : 'redis';
    return { ...common, part: `coordinator ${coordinator + 1} to ${link}`, which: coordinator, link };
  }
  if (OF_A_LINK.has(name) || OF_THE_FRONT.has(name)) {
    return { ...common, part: 'agents and clients to coordinators', which: 0, link: 'front' };
  }
  if (name.includes('Redis')) return { ...common, part: 'Redis', which: 0 };
  if (name.includes('Postgres')) return { ...common, part: 'Postgres', which: 0 };
  if (name.includes('light agents')) return { ...common, part: 'light agents', which: 0 };
  return { ...common, part: `SDK agent ${agent + 1}`, which: agent };
}

function amountOf(
  name: FaultName,
  between: (range: readonly [number, number]) => number,
  forward: boolean,
): number {
  switch (name) {
    case 'delay bytes':
      return between([5, 300]);
    case 'make readers slow':
      return between([50, 2_000]);
    case 'jump the clock of Postgres':
    case 'jump the clock of coordinator':
      return (forward ? 1 : -1) * between([60, 7_200]);
    default:
      return 0;
  }
}

/** A line of the log. */
export function inWords({ name, part, lastsMs, amount, share, toServer, link }: PlannedFault): string {
  const details: string[] = [];
  if (name === 'delay bytes') details.push(`${amount} ms`);
  if (name.startsWith('jump')) details.push(`${amount > 0 ? '+' : ''}${amount} s`);
  if (name === 'make readers slow') details.push(`${amount} bytes/s`);
  if (name === 'hold bytes one way') details.push(toServer ? 'to the server' : 'from the server');
  if (link !== undefined && name !== 'hold bytes one way')
    details.push(`${Math.round(share * 100)} % of connections`);
  if (lastsMs > 0) details.push(`for ${(lastsMs / 1_000).toFixed(1)} s`);
  return `${name}: ${part}${details.length > 0 ? `, ${details.join(', ')}` : ''}`;
}

/** `12:34.5` */
export function clockOf(ms: number): string {
  const tenths = Math.max(0, Math.round(ms / 100));
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return `${String(Math.floor(tenths / 600)).padStart(2, '0')}:${seconds}`;
}
