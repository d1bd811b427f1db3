import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation, OperationProgress } from '../../src/domain/operations/operation.js';
import { EVERY_TASK } from '../../src/domain/tasks/task-filter.js';
import {
  MAX_OPEN_OPERATIONS,
  type NewOperation,
  type OperationRecord,
} from '../../src/ports/operation-record.js';

export interface OpenedOperationRecord {
  readonly operations: OperationRecord;
  close(): Promise<void>;
}

/** What every record of operations must do. `open` is called once; tests live in orgs of their own. */
export function describeOperationRecord(name: string, open: () => Promise<OpenedOperationRecord>): void {
  describe(`the operation record on ${name}`, () => {
    let opened: OpenedOperationRecord | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    const setup = (org = `org-${randomUUID()}`) => {
      if (!opened) throw new Error('the record is not open');
      const { operations } = opened;
      const order = (over: Partial<NewOperation> = {}): NewOperation => ({
        org,
        operationId: v7(),
        verb: 'CANCEL_TASKS',
        filter: { ...EVERY_TASK, kinds: ['k'], labels: { ['__proto__']: 'x' } },
        dryRun: false,
        reason: 'why',
        graceMs: 100,
        actor: 'ann',
        request: null,
        ...over,
      });
      const create = async (over: Partial<NewOperation> = {}): Promise<Operation> => {
        const outcome = await operations.createOperation(order(over));
        if (outcome.kind !== 'CREATED') throw new Error(outcome.kind);
        return outcome.operation;
      };
      const advance = (operation: Operation, progress: Partial<OperationProgress>) =>
        operations.advanceOperation(org, operation.operationId, { ...operation, ...progress });
      return { operations, org, order, create, advance };
    };

    test('keeps what was ordered, and begins by counting from its own id', async () => {
      const { operations, org, create, order } = setup();
      const { request: _, ...wanted } = order();
      const made = await create(wanted);
      expect(made).toMatchObject({ ...wanted, state: 'COUNTING', cursor: wanted.operationId, total: 0 });
      expect(made).toMatchObject({ endTime: null, error: '', stateCounts: {}, kindCounts: {} });
      expect(await operations.getOperation(org, made.operationId)).toEqual(made);
      expect(await operations.getOperation('other', made.operationId)).toBeNull();
    });

    test('a repeated call gets the same operation, another body is refused', async () => {
      const { operations, create, order } = setup();
      const request = { requestId: 'r1', bodyHash: new Uint8Array([1]) };
      const made = await create({ request });
      const same = (bodyHash: Uint8Array) =>
        operations.createOperation(order({ request: { ...request, bodyHash } }));
      expect(await same(new Uint8Array([1]))).toEqual({ kind: 'ALREADY_CREATED', operation: made });
      expect(await same(new Uint8Array([2]))).toEqual({ kind: 'REQUEST_ID_REUSED', operation: made });
      const elsewhere = setup();
      await elsewhere.create({ request });
    });

    test('two calls of one name at once make one operation', async () => {
      const { operations, order } = setup();
      const request = { requestId: 'r1', bodyHash: new Uint8Array([1]) };
      const calls = Array.from({ length: 8 }, () => operations.createOperation(order({ request })));
      const kinds = (await Promise.all(calls)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'CREATED')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'ALREADY_CREATED')).toHaveLength(7);
    });

    test('progress is stored, and the end is final but for the counts', async () => {
      const { create, advance } = setup();
      const made = await create();
      const cursor = v7();
      const half = { state: 'RUNNING', cursor, total: 9, stateCounts: { QUEUED: 9 } } as const;
      expect(await advance(made, half)).toMatchObject({ ...half, endTime: null });
      const all = { ...half, state: 'SUCCEEDED', done: 7, skipped: 1, failed: 1 } as const;
      const ended = await advance(made, all);
      expect(ended).toMatchObject(all);
      expect(ended?.endTime).toBeGreaterThan(0);
      const late = await advance(made, { ...all, state: 'RUNNING', done: 8, error: 'late' });
      expect(late).toMatchObject({ state: 'SUCCEEDED', done: 8, error: '', endTime: ended?.endTime });
    });

    test('a cancelled one stays cancelled, and is told the counts of the batch that was under way', async () => {
      const { operations, org, create, advance } = setup();
      const made = await create();
      const cancelled = await operations.cancelOperation(org, made.operationId);
      expect(cancelled).toMatchObject({ state: 'CANCELLED' });
      expect(await operations.cancelOperation(org, made.operationId)).toEqual(cancelled);
      expect(await advance(made, { state: 'RUNNING', done: 5 })).toMatchObject({
        state: 'CANCELLED',
        done: 5,
      });
      expect(await operations.cancelOperation(org, v7())).toBeNull();
      const done = await create();
      await advance(done, { state: 'SUCCEEDED' });
      expect(await operations.cancelOperation(org, done.operationId)).toMatchObject({ state: 'SUCCEEDED' });
    });

    test('lists newest first, page by page, and the open ones apart', async () => {
      const { operations, org, create, advance } = setup();
      const made = [await create(), await create(), await create()];
      const [first, second, third] = made.map(({ operationId }) => operationId);
      if (made[1]) await advance(made[1], { state: 'FAILED', error: 'no' });
      const ids = async (onlyOpen: boolean, before: string | null, limit: number) =>
        (await operations.listOperations(org, onlyOpen, before, limit)).map((o) => o.operationId);
      expect(await ids(false, null, 2)).toEqual([third, second]);
      expect(await ids(false, second ?? null, 2)).toEqual([first]);
      expect(await ids(true, null, 10)).toEqual([third, first]);
      const after = { org, operationId: first ?? '' };
      expect((await operations.listOpenOperations(after, 1)).map((o) => o.operationId)).toEqual([third]);
    });

    test('an organisation may have so many that have not ended, and no more', async () => {
      const { operations, org, order, create } = setup();
      const made = [];
      for (let i = 0; i < MAX_OPEN_OPERATIONS; i++) made.push(await create());
      expect(await operations.createOperation(order())).toEqual({ kind: 'TOO_MANY' });
      await operations.cancelOperation(org, made[0]?.operationId ?? '');
      await create();
    });

    test('what ended long ago is forgotten, what is open is not', async () => {
      const { operations, org, create } = setup();
      const ended = await create();
      const open = await create();
      await operations.cancelOperation(org, ended.operationId);
      await operations.forgetOperations(60_000);
      expect(await operations.getOperation(org, ended.operationId)).not.toBeNull();
      await operations.forgetOperations(-60_000);
      expect(await operations.getOperation(org, ended.operationId)).toBeNull();
      expect(await operations.getOperation(org, open.operationId)).not.toBeNull();
    });
  });
}
