import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
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
