import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ReeveError } from '../../src/domain/errors.js';
import { loadHandlers } from '../../src/handlers/load-handlers.js';
import { createHandlerRegistry } from '../../src/handlers/registry.js';
import { systemClock } from '../../src/system/clock.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { happening } from './support/happenings.js';

/** A folder with modules, whose `told` is a list of the test. */
function setup(files: Readonly<Record<string, string>>, clock = systemClock) {
  const folder = temporaryFolder('handlers');
  const told: string[] = [];
  const name = path.basename(folder);
  Object.assign(globalThis, { [name]: told });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    const known = file.endsWith('.json') ? '' : `const told = globalThis['${name}'];\n`;
    writeFileSync(path.join(folder, file), known + text);
  }
  const counts: string[] = [];
  const registry = createHandlerRegistry({
    clock,
    log: SILENT,
    count: (handler, outcome) => counts.push(`${handler} ${outcome}`),
  });
  return {
    ...{ folder, told, counts, registry },
    load: (...names: string[]) => loadHandlers({ names, folder, registry, clock }),
  };
}

test('what a module exports is told, sync or async; a failing one beside it is of no consequence', async () => {
  const { load, registry, told, counts } = setup({
    'sync.mjs': 'export function onTaskEvent(e) { told.push(["sync", e.taskId, e.seq].join(" ")) }',
    'async.mjs': 'export async function onTaskEvent(e) { await null; told.push("async " + e.org) }',
    'failing.mjs': 'export async function onTaskEvent() { throw new Error("no") }',
    'other.mjs': 'export function onWorkflowEvent(e) { told.push("wrong") }',
  });
  await load('./failing.mjs', './sync.mjs', './async.mjs', './other.mjs');
  expect([registry.wants('task'), registry.wants('workflow')]).toEqual([true, true]);
  registry.tell([happening('t', 3)]);
  await registry.stop(5_000);

  expect(told).toEqual(['sync t 3', 'async acme']);
  expect(counts.sort()).toEqual([
    './async.mjs#onTaskEvent ok',
    './failing.mjs#onTaskEvent failed',
    './sync.mjs#onTaskEvent ok',
  ]);
});

test('register asks for some events, and takes handlers away again', async () => {
  const { load, registry, told } = setup({
    'some.mjs': `export async function register(events) {
      const off = events.on('task.SUCCEEDED', (e) => { told.push('won ' + e.seq); off(); });
      events.on('*', (e) => told.push('all ' + e.seq));
      events.on('workflow', () => told.push('wrong'));
    }`,
  });
  await load('./some.mjs');
  const won = { type: 'SUCCEEDED', state: 'SUCCEEDED' } as const;
  registry.tell([happening('t', 1), happening('t', 2, won)]);
  registry.tell([happening('u', 3, won)]);
  expect(told.sort()).toEqual(['all 1', 'all 2', 'all 3', 'won 2']);
  await registry.stop(0);
});

test('what one handler does to an event another does not see', async () => {
  const { load, registry, told, counts } = setup({
    'bad.mjs': 'export const onTaskEvent = (e) => { e.detail.tier = "LOW" }',
    'good.mjs': 'export const onTaskEvent = (e) => told.push(e.detail.tier)',
  });
  await load('./bad.mjs', './good.mjs');
  registry.tell([happening('t', 1, { detail: { tier: 'HIGH' } })]);
  expect(told).toEqual(['HIGH']);
  expect(counts).toEqual(['./bad.mjs#onTaskEvent failed', './good.mjs#onTaskEvent ok']);
});

test('a stop waits for calls under way, but not for those that do not end', async () => {
  const { load, registry, counts } = setup({
    'slow.mjs': 'export const onTaskEvent = () => new Promise((resolve) => setTimeout(resolve, 5))',
    'hangs.mjs': 'export const onTaskEvent = () => new Promise(() => {})',
  });
  await load('./slow.mjs', './hangs.mjs');
  registry.tell([happening('t', 1), happening('t', 2)]);
  await registry.stop(200);
  expect(counts).toEqual([
    './slow.mjs#onTaskEvent ok',
    './slow.mjs#onTaskEvent ok',
    './hangs.mjs#onTaskEvent dropped',
  ]);
});

test('the module of the documentation can be loaded', async () => {
  const text = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const module = /```js\n\/\/ audit\.mjs\n(.*?)```/s.exec(text)?.[1] ?? '';
  const { load, registry } = setup({ 'audit.mjs': module });
  await load('./audit.mjs');
  expect([registry.wants('task'), registry.wants('workflow')]).toEqual([true, true]);
});

test('packages are found from the folder on', async () => {
  const { load, registry, told } = setup({
    'node_modules/auditor/index.mjs': 'export const onTaskEvent = (e) => told.push(e.seq)',
    'node_modules/auditor/package.json': '{"name": "auditor", "exports": "./index.mjs"}',
  });
  await load('auditor');
  registry.tell([happening('t', 7)]);
  expect(told).toEqual([7]);
});

test.each([
  ['./none.mjs', {}, /"\.\/none\.mjs" is not usable: it cannot be loaded: .*none\.mjs/],
  ['nobody-made-this-package', {}, /"nobody-made-this-package" is not usable: it cannot be loaded/],
  ['./x.mjs', { 'x.mjs': 'this is no module' }, /"\.\/x\.mjs" is not usable: it cannot be loaded/],
  ['./x.mjs', { 'x.mjs': 'throw new Error("at home")' }, /cannot be loaded: at home/],
  ['./x.mjs', { 'x.mjs': 'export const ontaskevent = 1' }, /exports none of onTaskEvent/],
  ['./x.mjs', { 'x.mjs': 'export const onTaskEvent = 1' }, /its onTaskEvent is no function/],
  [
    './x.mjs',
    { 'x.mjs': 'export const register = (e) => e.on("task.DONE", () => {})' },
    /no events "task.DONE"/,
  ],
  ['./x.mjs', { 'x.mjs': 'export const register = (e) => e.on("*")' }, /no function/],
  ['./x.mjs', { 'x.mjs': 'export async function register() { throw new Error("away") }' }, /failed: away/],
  [
    './x.mjs',
    { 'x.mjs': 'export const register = (e) => { for (;;) e.on("*", () => {}) }' },
    /1000 event handlers already/,
  ],
])('%s that is not usable is refused by its name (%#)', async (name, files, message) => {
  const error = await setup(files as Record<string, string>)
    .load(name)
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ReeveError);
  expect(error).toMatchObject({ reason: 'EVENT_HANDLER_UNUSABLE', message: expect.stringMatching(message) });
});

test('a register that does not end is refused', async () => {
  const clock = new FakeClock();
  const { load } = setup(
    { 'x.mjs': 'export const register = () => { told.push(1); return new Promise(() => {}) }' },
    clock,
  );
  const refused = expect(load('./x.mjs')).rejects.toThrow('took more than 10 s');
  const giveUp = setInterval(() => clock.advance(10_000), 5);
  await refused.finally(() => clearInterval(giveUp));
});
