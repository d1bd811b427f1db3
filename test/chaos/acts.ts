import { setTimeout as pause } from 'node:timers/promises';
import type { Flow } from '../support/tcp-pipe.js';
import { PASS, type TcpProxy } from '../support/tcp-proxy.js';
import type { FakeTime } from './fake-time.js';
import type { FaultName } from './faults.js';
import type { Population } from './population.js';
import type { PlannedFault } from './schedule.js';
import type { Links, Stores } from './stores.js';
import type { Target } from './target.js';

/** What faults act on. */
export interface Scene {
  readonly target: Target;
  readonly front: TcpProxy;
  readonly population: Population;
  /** The wall clocks of the coordinators; empty: they have the machine's. */
  readonly clocks: readonly FakeTime[];
}

/** Makes it better again. */
type Undo = () => void | Promise<void>;
type Act = (scene: Scene, fault: PlannedFault) => Undo | Promise<Undo>;

/** How long a balancer takes to see that a coordinator does not answer. */
const NOTICED_MS = 1_000;
const OVER: Undo = () => {};

const ACTS: Readonly<Record<FaultName, Act>> = {
  async 'kill coordinator'({ target }, { which }) {
    const member = at(target.members, which);
    await member.kill();
    return () => member.start();
  },
  'freeze coordinator'({ target, front }, { which }) {
    const member = at(target.members, which);
    member.freeze();
    const noticed = setTimeout(() => {
      const others = target.members.filter((other) => other !== member).map((other) => other.address());
      if (others.length > 0) front.setTargets(others);
    }, NOTICED_MS);
    return () => {
      clearTimeout(noticed);
      front.setTargets(target.members.map((other) => other.address()));
      member.thaw();
    };
  },
  async 'restart Redis without data'({ target }) {
    const { redis } = storesOf(target);
    await redis.crash();
    return () => redis.restart();
  },
  async 'flush Redis'({ target }) {
    await storesOf(target).flushRedis();
    return OVER;
  },
  'freeze Redis'({ target }) {
    const { redis } = storesOf(target);
    redis.freeze();
    return () => redis.thaw();
  },
  async 'fail Redis over to an empty replica'({ target }) {
    const stores = storesOf(target);
    await stores.demoteRedis();
    return () => stores.promoteRedis();
  },
  async 'stop Postgres immediately'({ target }) {
    const { postgres } = storesOf(target);
    await postgres.crash();
    return () => postgres.restart();
  },
  'fill the disk of Postgres'({ target }) {
    const { disk, postgres } = storesOf(target);
    disk?.fill();
    return async () => {
      disk?.clear();
      // Without room for its log it ends.
      if (await endsSoon(postgres)) await postgres.restart();
    };
  },
  'jump the clock of Postgres': ({ target }, { amount }) => jump(storesOf(target).clock, amount),
  'jump the clock of coordinator': ({ clocks }, { which, amount }) => jump(clocks[which] ?? null, amount),
  'cut connections'(scene, fault) {
    proxyOf(scene, fault).cut(fault.share);
    return OVER;
  },
  'lose replies': (scene, fault) => change(scene, fault, { kind: 'lose' }, fault.share),
  'delay bytes'(scene, fault) {
    const flow = { kind: 'delay', ms: fault.amount } as const;
    const proxy = proxyOf(scene, fault);
    proxy.set({ toServer: flow, toClient: flow }, fault.share);
    return () => proxy.heal();
  },
  'hold bytes one way'(scene, fault) {
    if (!fault.toServer) return change(scene, fault, { kind: 'hold' });
    const proxy = proxyOf(scene, fault);
    proxy.set({ ...PASS, toServer: { kind: 'hold' } });
    return () => proxy.heal();
  },
  'leave streams half open'({ front }, { share }) {
    // What one says, the other never hears, and nobody closes.
    front.set({ toServer: { kind: 'lose' }, toClient: { kind: 'lose' } }, share * 0.9);
    return () => front.heal();
  },
  'make readers slow': (scene, fault) =>
    change(scene, fault, { kind: 'trickle', bytesPerSecond: fault.amount }, fault.share * 0.9),
  'freeze an agent past its lease'({ population }, { which }) {
    const { process: frozen } = at(population.sdkAgents, which);
    frozen.kill('SIGSTOP');
    return () => void frozen.kill('SIGCONT');
  },
  'kill an agent'({ population }, { which }) {
    at(population.sdkAgents, which).process.kill('SIGKILL');
    return OVER;
  },
  'bring all light agents back at once'({ population }) {
    for (const agent of population.lightAgents) agent.crash();
    return OVER;
  },
};

/** Begins a fault. @returns what ends it */
export async function begin(scene: Scene, fault: PlannedFault): Promise<Undo> {
  return ACTS[fault.name](scene, fault);
}

/** Whatever is still wrong is right again: connections pass, nobody is stopped, everybody runs. */
export async function healAll({ target, front, clocks }: Scene): Promise<void> {
  const { stores } = target;
  for (const clock of clocks) clock.set(0);
  stores?.clock?.set(0);
  stores?.redis.thaw();
  stores?.disk?.clear();
  if (stores?.postgres.hasEnded()) await stores.postgres.restart();
  for (const links of stores?.links ?? []) {
    links.postgres.heal();
    links.redis.heal();
  }
  front.heal();
  for (const member of target.members) {
    member.thaw();
    if (member.pid() === undefined) await member.start();
  }
  front.setTargets(target.members.map((member) => member.address()));
}

function change(scene: Scene, fault: PlannedFault, toClient: Flow, share = 1): Undo {
  const proxy = proxyOf(scene, fault);
  proxy.set({ ...PASS, toClient }, share);
  return () => proxy.heal();
}

function proxyOf({ front, target }: Scene, { link, which }: PlannedFault): TcpProxy {
  if (link === undefined || link === 'front') return front;
  const links: Links = at(storesOf(target).links, which);
  return links[link];
}

function jump(clock: FakeTime | null, seconds: number): Undo {
  clock?.set(seconds);
  return () => clock?.set(0);
}

function storesOf({ name, stores }: Target): Stores {
  if (!stores) throw new Error(`${name} has no stores`);
  return stores;
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no number ${index} of ${list.length}`);
  return found;
}

/** A server that cannot go on takes a moment to say so. */
async function endsSoon(server: { hasEnded(): boolean }): Promise<boolean> {
  for (let tries = 0; tries < 10 && !server.hasEnded(); tries++) await pause(50);
  return server.hasEnded();
}
