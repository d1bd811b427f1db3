import { createClient } from '@reeve/sdk';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { FAILPOINTS } from '../../src/ports/failpoints.js';
import { check } from '../support/checker.js';
import { openHistory, readHistory } from '../support/history.js';
import { runJobs } from '../support/history-client.js';
import { mixedJobs, quickJobs, seededRandom } from '../support/history-jobs.js';
import { processState } from '../support/process-state.js';
import { runWorkflows } from '../support/run-workflows.js';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { someWorkflows } from '../support/workflow-jobs.js';
import { allEnded } from './at-rest.js';
import { openPopulation, type Population } from './population.js';
import { openServeTarget } from './serve-target.js';
import type { Member, Target } from './target.js';

const ACTIONS = ['exit', 'lose', 'freeze'] as const;
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
/** `all`, or how many of them by the seed. */
const POINTS = process.env.CHAOS_POINTS ?? '4';

const random = seededRandom(SEED);
const everything = FAILPOINTS.flatMap((point) => ACTIONS.map((action) => ({ point, action })));
const chosen =
  POINTS === 'all'
    ? everything
    : everything
        .map((one) => ({ ...one, order: random() }))
        .sort((a, b) => a.order - b.order)
        .slice(0, Number(POINTS));

/** What the leader does, or whoever looks at a workflow first: it may be either of them. */
const OF_EITHER = /^(expire|promote|workflow)\./;
/** Longer than a lease here. */
const FROZEN_MS = 4_500;
const HITS: Readonly<Record<string, number>> = { submit: 4, claim: 4, accept: 4, settle: 4, cancel: 2 };
/** With every kind of step, see `mixedWorkflows`. */
const WORKFLOWS = 5;

const folder = temporaryFolder('failpoints');
const historyFolder = temporaryFolder('history');
let target: Target;
let front: TcpProxy;
let population: Population;
let unasked: string[] = [];

beforeAll(async () => {
  const onUnasked = (name: string) => unasked.push(name);
  ({ target } = await openServeTarget({
    folder,
    onUnasked,
    coordinators: 2,
    diskMebibytes: 0,
    clocks: false,
  }));
  await Promise.all(target.members.map((member) => member.start()));
  front = await openTcpProxy(addresses());
  population = await openPopulation({
    ...{ address: front.address, historyFolder, seed: SEED, onEntry: () => {} },
    ...{ wireAgents: 2, sdkAgents: 1, lightAgents: 0, clients: 0 },
  });
}, 150_000);

afterAll(async () => {
  population?.close();
  front?.close();
  await target?.close();
}, 60_000);

const addresses = () => target.members.map((member) => member.address());

it.each(chosen)(
  `two coordinators, one of which has $point=$action, lose nothing and accept nothing twice (CHAOS_SEED=${SEED})`,
  async ({ point, action }) => {
    unasked = [];
    const [victim, other] = target.members;
    if (!victim || !other) throw new Error('there have to be two');
    const failpoint = `${point}=${action}@${HITS[point.split('.')[0] ?? ''] ?? 1}`;
    // Everybody meets the victim, alone at first.
    front.setTargets([victim.address()]);
    await Promise.all([victim.kill(), other.kill()]);
    await victim.start(failpoint);
    await other.start(OF_EITHER.test(point) ? failpoint : '');

    const client = createClient({ address: front.address, timeoutMs: 5_000 });
    const signal = AbortSignal.timeout(150_000);
    const history = (name: string) => openHistory(historyFolder, `${name}-${point}-${action}`);
    const loads = Promise.all([
      runJobs(client, history('mix'), mixedJobs(`${point}-${action}`, SEED, 0.3), {
        concurrency: 10,
        signal,
      }),
      runJobs(client, history('burst'), quickJobs(`${point}-${action}-burst`, 60), {
        concurrency: 60,
        signal,
      }),
      runWorkflows(client, history('workflows'), someWorkflows(`${point}-${action}-wf`, SEED, WORKFLOWS), {
        concurrency: WORKFLOWS,
        signal,
      }),
    ]);
    loads.catch(() => {});
    const hit = await firstHit([victim, other], action);
    front.setTargets(addresses());
    if (action === 'freeze') {
      const began = performance.now();
      await vi.waitFor(() => expect(performance.now() - began).toBeGreaterThan(FROZEN_MS), {
        timeout: 20_000,
      });
      hit.thaw();
    }
    if (action === 'exit') await hit.start();
    // No second one at the other, which does that now.
    if (OF_EITHER.test(point)) await restarted([victim, other]);
    await loads;
    expect(await allEnded(client, 90_000)).toEqual([]);
    client.close();
    expect(check(readHistory(historyFolder), await target.readRecord())).toEqual([]);
    expect(unasked).toEqual([]);
  },
  300_000,
);

/** The coordinator at which it happened. */
async function firstHit(members: readonly Member[], action: (typeof ACTIONS)[number]): Promise<Member> {
  const happened = (member: Member) => {
    const pid = member.pid();
    if (action === 'exit') return pid === undefined;
    if (action === 'freeze') return pid !== undefined && processState(pid) === 'T';
    return member.stderr().includes('the reply is lost');
  };
  const seen = () => {
    const member = members.find(happened);
    if (!member) throw new Error('the failpoint was not reached');
    return member;
  };
  return vi.waitFor(seen, { timeout: 90_000, interval: 20 });
}

async function restarted(members: readonly Member[]): Promise<void> {
  for (const member of members) {
    member.thaw();
    await member.kill();
    await member.start();
  }
}
