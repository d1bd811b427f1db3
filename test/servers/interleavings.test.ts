import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClaimOutcome, UpdateOutcome } from '../../src/ports/task-record.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { follow, violationsAtRest } from '../support/interleavings/at-rest.js';
import {
  type Gatekeeper,
  openParticipants,
  type Participant,
  type Verb,
} from '../support/interleavings/participant.js';
import { type Act, SCENES } from '../support/interleavings/scenes.js';
import { nameOf, ORDERS, type Order, runPair } from '../support/interleavings/schedules.js';
import { createStage, type Graph } from '../support/interleavings/stage.js';
import { EDITED_BODY, type Held, VERBS } from '../support/interleavings/verbs.js';
import { wander } from '../support/interleavings/wander.js';
import { type PgliteRecord, recordOn, SILENT } from '../support/pglite-record.js';
import { plainSpec } from '../support/plain-task.js';
import { seededRandom } from '../support/seeded-random.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';

/** Pairs that run beside each other, each on connections of its own. */
const LANES = 4;
const TIMEOUT_MS = 120_000;
/** Of random steps on four connections. */
const STEPS_TAKEN = 300;
/** Some that stay, and a new one. */
const SEEDS = [1, 2, 3, Math.floor(Math.random() * 2 ** 31)];

let server: PostgresServer;
let opened: PgliteRecord;
let lanes: readonly Gatekeeper[];
beforeAll(async () => {
  server = await startPostgres();
  const url = await server.createDatabase();
  opened = await recordOn(openServer({ url, log: SILENT }));
  lanes = await Promise.all(Array.from({ length: LANES }, () => openParticipants(url, opened.db, 2)));
});
afterAll(async () => {
  await Promise.all(lanes.map((lane) => lane.close()));
  await opened.close();
  await server.stop();
});

interface Run {
  readonly acts: readonly [Act, Act];
  readonly order: Order;
}

/** Every two acts, one with itself too, in every order. */
function runsOf(acts: readonly Act[]): Run[] {
  return acts.flatMap((a, i) =>
    acts.slice(i).flatMap((b) => ORDERS.map((order): Run => ({ acts: [a, b], order }))),
  );
}

function verbOf([name, ...on]: Act, graph: Graph): Verb {
  const [held, ...more] = on.map((task) => graph[task] as Held);
  return VERBS[name](held as Held, ...(more as Held[] as []));
}

describe('two at once on a Postgres server', () => {
  test.each(SCENES)(
    '$name: nothing is lost, in whatever order',
    async ({ build, acts }) => {
      const org = `org-${randomUUID()}`;
      const runs = runsOf(acts);
      const stage = createStage(opened.record, org, runs.length);
      await build(stage);
      const graphs = await stage.done();
      const outcomes: unknown[] = [];
      const told = new Map<string, string>();
      const waiting = runs.entries();
      await Promise.all(
        lanes.map(async ({ participants }) => {
          for (const [i, { acts, order }] of waiting) {
            const graph = graphs[i] as Graph;
            const [a, b] = acts.map((act) => verbOf(act, graph)) as [Verb, Verb];
            const [first, second] = participants as [Participant, Participant];
            const found = await runPair([first, second], [a, b], order);
            outcomes.push(...found);
            const text = `${acts.map((act) => act.join(' ')).join(' × ')}, ${nameOf(order)}: ${JSON.stringify(found)}`;
            for (const { taskId } of Object.values(graph)) told.set(taskId, text);
            for (const outcome of found) told.set(taskOf(outcome), text);
          }
        }),
      );
      await follow(opened.record, outcomes);
      expect([...new Set(told.values())].filter((run) => run.includes('"ERROR"'))).toEqual([]);
      const violations = await violationsAtRest(opened.db, org, outcomes);
      expect(violations.map((v) => ({ ...v, run: told.get(v.taskId) }))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('four at once on a Postgres server', () => {
  test.each(SEEDS)('seed %i: nothing is lost, whatever meets', async (seed) => {
    const org = `org-${randomUUID()}`;
    const stage = createStage(opened.record, org, 1);
    await stage.running('u');
    await stage.running('v');
    await stage.submit('d', ['u', 'v']);
    await stage.submit('e', ['d']);
    const [graph = {}] = await stage.done();
    const taskIds = Object.values(graph).map(({ taskId }) => taskId);
    const participants = lanes.slice(0, 2).flatMap((lane) => lane.participants);
    const random = seededRandom(seed);
    const { outcomes, story } = await wander({
      record: opened.record,
      participants,
      org,
      taskIds,
      random,
      steps: STEPS_TAKEN,
    });
    await follow(opened.record, outcomes);
    expect(outcomes.filter(isError), [`seed ${seed}`, ...story].join('\n')).toEqual([]);
    const violations = await violationsAtRest(opened.db, org, outcomes);
    expect(violations, [`seed ${seed}`, ...story].join('\n')).toEqual([]);
  });
});

test('a claim hands out the body as it is at its change', async () => {
  const org = `org-${randomUUID()}`;
  const stage = createStage(opened.record, org, ORDERS.length);
  await stage.submit('t');
  const graphs = await stage.done();
  const [first, second] = (lanes[0] as Gatekeeper).participants as [Participant, Participant];
  const found: { run: string; edited: boolean; body: unknown }[] = [];
  for (const [i, order] of ORDERS.entries()) {
    const t = graphs[i]?.t as Held;
    const outcomes = await runPair([first, second], [VERBS.claim(t), VERBS.edit(t)], order);
    const [claim, edit] = outcomes as [ClaimOutcome, UpdateOutcome];
    // Only what waits can be edited: if it was, it was before the claim.
    const edited = edit.kind === 'OK';
    found.push({ run: nameOf(order), edited, body: claim.kind === 'OK' ? claim.body : claim.kind });
  }
  const before = plainSpec('x').body;
  expect(found).toEqual(found.map((one) => ({ ...one, body: one.edited ? EDITED_BODY : before })));
  expect(new Set(found.map(({ edited }) => edited))).toEqual(new Set([true, false]));
});

/** What the store refused. */
function isError(outcome: unknown): boolean {
  return (outcome as { kind?: string } | null)?.kind === 'ERROR';
}

function taskOf(outcome: unknown): string {
  return (outcome as { change?: { taskId: string } }).change?.taskId ?? '';
}
