import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import type { NewWorkflowEvent } from '../../src/domain/workflows/workflow.js';
import { type WorkflowWorld, write } from './workflow-record-world.js';

export function testWorkflowContexts(world: () => WorkflowWorld): void {
  describe('the context', () => {
    test('has the newest value of each path, by path', async () => {
      const w = world();
      const first = await w.writeContext(await w.start(), write('b', 1), write('a.c', { x: null }));
      const second = await w.writeContext(first, write('b', [2]));
      expect(second.contextVersion).toBe(2);
      expect(await w.workflows.readContext(first, null)).toEqual([
        { path: 'a.c', version: 1, value: { x: null } },
        { path: 'b', version: 2, value: [2] },
      ]);
    });

    test('a value of every sort comes back as it was, names in their order', async () => {
      const w = world();
      const values: JsonValue[] = [null, true, 0, -1.5e-7, 1e300, '', 'ü"\\\n😀', [], {}, [[{ a: null }]]];
      const writes = values.map((value, i) => write(`v${i}`, value));
      const workflow = await w.writeContext(await w.start(), ...writes, write('w', { zz: 1, a: 2, '1': 3 }));
      const rows = await w.workflows.readContext(workflow, null);
      expect(rows.slice(0, values.length).map(({ value }) => value)).toEqual(values);
      expect(JSON.stringify(rows.at(-1)?.value)).toBe('{"1":3,"zz":1,"a":2}');
    });

    test('is read as it was at a version', async () => {
      const w = world();
      let workflow = await w.start();
      workflow = await w.writeContext(workflow, write('a', 1));
      workflow = await w.writeContext(workflow, write('b', 1));
      workflow = await w.writeContext(workflow, write('a', undefined), write('b', 2));
      const at = (version: number | null) => w.workflows.readContext(workflow, version);
      expect(await at(0)).toEqual([]);
      expect(await at(1)).toEqual([{ path: 'a', version: 1, value: 1 }]);
      expect(await at(2)).toEqual([
        { path: 'a', version: 1, value: 1 },
        { path: 'b', version: 2, value: 1 },
      ]);
      const now = [
        { path: 'a', version: 3, value: undefined },
        { path: 'b', version: 3, value: 2 },
      ];
      expect(await at(3)).toEqual(now);
      expect(await at(null)).toEqual(now);
    });

    test('takes a value if the one before it has the version that was read', async () => {
      const w = world();
      const workflow = await w.writeContext(await w.start(), write('a', 1), write('b', 1));
      const other = await w.writeContext(workflow, write('b', 2));
      const refused = await w.commit(other, {
        ...{ reason: 'not written', context: [write('a', 2, 1), write('b', 3, 1), write('c', 3, 9)] },
      });
      expect(refused).toEqual({ kind: 'VERSION_MISMATCH', path: 'b', found: 2 });
      expect(await w.workflows.get(workflow)).toEqual(other);
      expect(await w.commit(other, { context: [write('c', 1, 4)] })).toMatchObject({ path: 'c', found: 0 });
      expect(await w.commit(other, { context: [write('a', 1, 0)] })).toMatchObject({ path: 'a', found: 1 });
      const after = await w.writeContext(other, write('a', 2, 1), write('b', 3, 2), write('c', 3, 0));
      expect((await w.workflows.readContext(after, null)).map(({ value }) => value)).toEqual([2, 3, 3]);
    });

    test('what is gone counts as not there, or by its version', async () => {
      const w = world();
      let workflow = await w.writeContext(await w.start(), write('a', 1));
      workflow = await w.writeContext(workflow, write('a', undefined, 1));
      expect(await w.commit(workflow, { context: [write('a', 2, 1)] })).toEqual({
        ...{ kind: 'VERSION_MISMATCH', path: 'a', found: 0 },
      });
      workflow = await w.writeContext(workflow, write('a', 2, 0));
      workflow = await w.writeContext(workflow, write('a', undefined));
      workflow = await w.writeContext(workflow, write('a', 3, 4));
      expect(await w.workflows.readContext(workflow, null)).toEqual([{ path: 'a', version: 5, value: 3 }]);
    });

    test('of several values for a path the last counts', async () => {
      const w = world();
      const workflow = await w.writeContext(
        await w.start(),
        write('a', 1, 7),
        write('b', 1),
        write('a', 2, 0),
      );
      expect((await w.workflows.readContext(workflow, null)).map(({ value }) => value)).toEqual([2, 1]);
    });

    test('forgets what shows at no version from one on', async () => {
      const w = world();
      let workflow = await w.writeContext(await w.start(), write('a', 1), write('b', 1));
      workflow = await w.writeContext(workflow, write('a', 2));
      workflow = await w.writeContext(workflow, write('a', undefined), write('c', 3));
      workflow = await w.writeContext(workflow, write('a', 4));
      const at = (version: number) => w.workflows.readContext(workflow, version);
      const [third, fourth] = [await at(3), await at(4)];
      expect(await w.workflows.pruneContext({ ...workflow, org: `${w.org}-2` }, 3, 100)).toBe(0);
      // Those of `a` at versions 1 and 2.
      expect(await w.workflows.pruneContext(workflow, 3, 1)).toBe(1);
      expect(await w.workflows.pruneContext(workflow, 3, 100)).toBe(1);
      expect(await w.workflows.pruneContext(workflow, 3, 100)).toBe(0);
      expect([await at(3), await at(4)]).toEqual([third, fourth]);
      expect(await at(2)).toEqual([{ path: 'b', version: 1, value: 1 }]);
      expect(await w.commit(workflow, { context: [write('a', 5, 3)] })).toMatchObject({
        path: 'a',
        found: 4,
      });
    });

    test('keeps what items were made from that may be made again', async () => {
      const w = world();
      let workflow = await w.writeContext(await w.start(), write('list', [1]));
      const begun = (node: number, contextVersion: number, run = 1): NewWorkflowEvent => ({
        ...{ type: 'NODE_EXPANDED', node, nodeState: 'EXPANDING', reason: '', actor: '' },
        detail: { run, context_version: contextVersion, total_count: 1 },
      });
      workflow = await w.committed(workflow, { events: [begun(1, 1)] });
      workflow = await w.writeContext(workflow, write('list', [2]));
      workflow = await w.committed(workflow, { events: [begun(2, 2)] });
      for (const value of [3, 4]) workflow = await w.writeContext(workflow, write('list', [value]));
      const listAt = async (version: number) =>
        (await w.workflows.readContext(workflow, version)).map(({ value }) => value);
      const prune = () => w.workflows.pruneContext(workflow, 4, 100);

      expect(await prune()).toBe(1);
      expect([await listAt(1), await listAt(2), await listAt(4)]).toEqual([[[1]], [[2]], [[4]]]);
      // A failed one may go on with its items; one that succeeded does not.
      workflow = await w.committed(workflow, {
        nodes: [
          { node: 1, state: 'FAILED' },
          { node: 2, state: 'SUCCEEDED' },
        ],
      });
      expect(await prune()).toBe(1);
      expect([await listAt(1), await listAt(4)]).toEqual([[[1]], [[4]]]);
      workflow = await w.committed(workflow, { nodes: [{ node: 1, state: 'WAITING', run: 2 }] });
      expect(await prune()).toBe(1);
      expect([await listAt(1), await listAt(4)]).toEqual([[], [[4]]]);
    });

    test('belongs to its workflow', async () => {
      const w = world();
      const one = await w.writeContext(await w.start(), write('a', 1));
      const other = await w.start();
      expect(await w.workflows.readContext(other, null)).toEqual([]);
      expect(await w.workflows.readContext({ ...one, org: `${w.org}-2` }, null)).toEqual([]);
    });

    test('holds values of megabytes', async () => {
      const w = world();
      const value = Array.from({ length: 40_000 }, (_, i) => ({ i, text: `${i}`.repeat(20) }));
      const workflow = await w.writeContext(await w.start(), write('large', value));
      expect((await w.workflows.readContext(workflow, null))[0]?.value).toEqual(value);
    });
  });
}
