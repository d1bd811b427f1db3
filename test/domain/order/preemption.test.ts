import { describe, expect, it } from 'vitest';
import {
  MOST_PREEMPTIONS,
  mayPreempt,
  type Running,
  victimOf,
} from '../../../src/domain/order/preemption.js';

function running(change: Partial<Running>): Running {
  return {
    ...{ taskId: 'a', tier: 'LOW', preemptible: true, onShare: false, preemptions: 0, began: 0 },
    ...change,
  };
}

describe('what is sent back for a person', () => {
  it('is LOW and of a kind that is marked so', () => {
    expect(mayPreempt(running({}))).toBe(true);
    expect(mayPreempt(running({ tier: 'NORMAL' }))).toBe(false);
    expect(mayPreempt(running({ preemptible: false }))).toBe(false);
  });

  it('is not what has its slot on the share that the rest keeps', () => {
    expect(mayPreempt(running({ onShare: true }))).toBe(false);
  });

  it('is not what was sent back often enough', () => {
    expect(mayPreempt(running({ preemptions: MOST_PREEMPTIONS - 1 }))).toBe(true);
    expect(mayPreempt(running({ preemptions: MOST_PREEMPTIONS }))).toBe(false);
  });

  it('is the youngest of those that may be, of equal ones the later id', () => {
    const all = [
      running({ taskId: 'old', began: 1 }),
      running({ taskId: 'young-1', began: 2 }),
      running({ taskId: 'young-2', began: 2 }),
      running({ taskId: 'younger, but not LOW', began: 3, tier: 'HIGH' }),
    ];
    expect(victimOf(all)?.taskId).toBe('young-2');
    expect(victimOf([...all].reverse())?.taskId).toBe('young-2');
  });

  it('is nothing where nothing may be', () => {
    expect(victimOf([])).toBeNull();
    expect(victimOf([running({ tier: 'URGENT' })])).toBeNull();
  });
});
