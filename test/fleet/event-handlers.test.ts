import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { workflowWorld } from '../support/workflow-world.js';

/** Processes, each with a start. */
const TIMEOUT_MS = 120_000;
const TASKS = 100;

const folder = temporaryFolder('handlers');
const MODULE = `import { appendFileSync } from 'node:fs';
import path from 'node:path';
const file = path.join(${JSON.stringify(folder)}, process.pid + '.told');
export function register(events) {
  events.on('*', (e) => appendFileSync(file, (e.taskId ?? e.workflowId) + ' ' + e.seq + '\\n'));
}`;

let fleet: FleetProcess;
beforeAll(async () => {
  const file = path.join(folder, 'write-down.mjs');
  writeFileSync(file, MODULE);
  fleet = await startFleet({ args: ['--event-handlers', file] });
}, TIMEOUT_MS);
afterAll(() => fleet.stop());

/** What each coordinator has told, as `id seq`. */
function told(): string[][] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.told'));
  return files.map((name) => readFileSync(path.join(folder, name), 'utf8').trim().split('\n'));
}

test(
  'each event is told once, by the coordinator that did it, in the order of its task',
  async () => {
    const [one = '', two = ''] = fleet.addresses;
    const here = workflowWorld(one);
    const there = workflowWorld(two, here.org);
    await there.agent({ k: (input) => input }, 10);
    await here.agent({ k: (input) => input }, 10);
    const sides = [here, there];
    const workflowId = await here.start({
      groups: [{ groupId: 'g', tasks: [{ taskId: 'a', kind: 'k', input: 'a' }] }],
    });
    const handles = await Promise.all(
      Array.from({ length: TASKS }, (_, i) => sides[i % 2]?.client.submit({ kind: 'k', input: i })),
    );
    await Promise.all(handles.map((handle) => handle?.wait()));
    await here.ended(workflowId);

    const expected: string[] = [];
    for await (const { taskId } of here.client.list()) {
      for await (const { seq } of here.client.events(taskId)) expected.push(`${taskId} ${seq}`);
    }
    expect(expected.length).toBeGreaterThanOrEqual(3 * TASKS);
    for (const { seq } of await here.events(workflowId)) expected.push(`${workflowId} ${seq}`);
    await vi.waitFor(() => expect(told().flat().sort()).toEqual(expected.sort()), 20_000);

    expect(told()).toHaveLength(2);
    for (const lines of told()) {
      const newest = new Map<string, number>();
      for (const line of lines) {
        const [id = '', seq] = line.split(' ');
        expect(Number(seq), line).toBeGreaterThan(newest.get(id) ?? 0);
        newest.set(id, Number(seq));
      }
    }
  },
  TIMEOUT_MS,
);
