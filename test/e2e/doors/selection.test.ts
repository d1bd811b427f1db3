import { CoordinatorService } from '@reeve/sdk/protocol';
import type { JsonDoor } from '../../support/json-doors.js';
import { all, json, type Place, type Row, showRows, submit } from '../../support/rows.js';

const { listTaskEvents, waitTask } = CoordinatorService.method;
const RETRY = { maxAttempts: 3, initialBackoff: {} };

/** Submits tasks one after the other, each when the last has ended; answers with who did each, and who tried. */
async function doAll(door: JsonDoor, count: number): Promise<Done[]> {
  const done: Done[] = [];
  for (let n = 0; n < count; n++) {
    const { taskId } = await submit(door, { kind: 'a', retry: RETRY });
    const { task } = await door.call(waitTask, { taskId });
    const { events } = await door.call(listTaskEvents, { taskId });
    done.push({ by: task?.agentId ?? '', tried: events.map(({ agentId }) => agentId) });
  }
  return done;
}

async function doAllBySdk({ client }: Place, count: number): Promise<Done[]> {
  const done: Done[] = [];
  for (let n = 0; n < count; n++) {
    const retry = { maxAttempts: 3, initialBackoffMs: 0 };
    const handle = await client.submit({ kind: 'a', retry });
    await handle.wait();
    const { agentId } = await client.get(handle.taskId);
    const events = await all(client.events(handle.taskId));
    done.push({ by: agentId, tried: events.map((event) => event.agentId) });
  }
  return done;
}

interface Done {
  readonly by: string;
  readonly tried: readonly string[];
}

/** How many tasks each has done. */
function shares(done: readonly Done[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { by } of done) counts[by] = (counts[by] ?? 0) + 1;
  return counts;
}

async function three({ agent }: Place): Promise<void> {
  for (const agentId of ['one', 'two', 'three']) {
    await agent(agentId)
      .handle('a', () => 1)
      .start();
  }
}

async function goodAndBad({ agent }: Place): Promise<void> {
  const bad = agent('bad').handle('a', () => {
    throw new Error('no luck');
  });
  const good = agent('good').handle('a', () => 1);
  await Promise.all([bad.start(), good.start()]);
}

const inTurn: Row = {
  shows: 'L1: with the setting ROUND_ROBIN agents get tasks in turn',
  ...json(async (door, place) => {
    await three(place);
    return shares(await doAll(door, 6));
  }),
  async sdk(place) {
    await three(place);
    return shares(await doAllBySdk(place, 6));
  },
  expected: { one: 2, two: 2, three: 2 },
};

const elsewhere: Row = {
  shows: 'L9: what an agent fails at goes to another',
  ...json(async (door, place) => {
    await goodAndBad(place);
    const done = await doAll(door, 2);
    return { done: shares(done), failedFirst: done.some(({ tried }) => tried.includes('bad')) };
  }),
  async sdk(place) {
    await goodAndBad(place);
    const done = await doAllBySdk(place, 2);
    return { done: shares(done), failedFirst: done.some(({ tried }) => tried.includes('bad')) };
  },
  expected: { done: { good: 2 }, failedFirst: true },
};

showRows([inTurn, elsewhere], ['--load-balancing-strategy', 'ROUND_ROBIN']);
