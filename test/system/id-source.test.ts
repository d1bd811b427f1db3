import { describe, expect, it } from 'vitest';
import { systemIds } from '../../src/system/id-source.js';

describe('ids of tasks', () => {
  it('are UUIDv7 of now, and rise strictly, however many are made in one ms', () => {
    const before = Date.now();
    const ids = Array.from({ length: 20_000 }, () => systemIds.taskId());
    const after = Date.now();
    expect(ids).toEqual([...new Set(ids)].sort());
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(timeOf(ids[0])).toBeGreaterThanOrEqual(before);
    expect(timeOf(ids.at(-1))).toBeLessThanOrEqual(after);
  });

  it('end at random', () => {
    const ends = Array.from({ length: 5_000 }, () => systemIds.taskId().slice(-10));
    expect(new Set(ends).size).toBe(ends.length);
  });
});

function timeOf(id = ''): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}
