import { describe, expect, test } from 'vitest';
import { createLanes } from '../../src/postgres/drivers/lanes.js';

/** Jobs that end when they are told to. */
function createJobs() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    job: (name: string) => () => {
      started.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    },
    async end(name: string) {
      ends.get(name)?.();
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}

describe('the order on the embedded connection', () => {
  test('two go at once, in the order they came, writes before reads', async () => {
    const lanes = createLanes({ depth: 2 });
    const { job, started, end } = createJobs();
    for (const name of ['w1', 'w2', 'w3']) void lanes.write(job(name));
    void lanes.read(job('r1'));
    void lanes.write(job('w4'));
    expect(started).toEqual(['w1', 'w2']);
    await end('w1');
    await end('w2');
    await end('w3');
    expect(started).toEqual(['w1', 'w2', 'w3', 'w4', 'r1']);
  });

  test('a job that wants to be alone waits for those before it, and those after it wait', async () => {
    const lanes = createLanes({ depth: 2 });
    const { job, started, end } = createJobs();
    void lanes.write(job('w1'));
    const alone = lanes.alone(job('alone'));
    void lanes.write(job('w2'));
    void lanes.write(job('w3'));
    expect(started).toEqual(['w1']);
    await end('w1');
    expect(started).toEqual(['w1', 'alone']);
    await end('alone');
    expect(await alone).toBe('alone');
    expect(started).toEqual(['w1', 'alone', 'w2', 'w3']);
  });

  test('no read waits for ever', async () => {
    const lanes = createLanes({ depth: 1 });
    const { job, started, end } = createJobs();
    const names = Array.from({ length: 20 }, (_, i) => `w${i}`);
    for (const name of names) void lanes.write(job(name));
    void lanes.read(job('r'));
    for (const name of names.slice(0, 9)) await end(name);
    expect(started.indexOf('r')).toBeGreaterThan(0);
    expect(started.indexOf('r')).toBeLessThan(10);
  });

  test('a failed job holds up nothing; draining lets all end and takes no more', async () => {
    const busy: boolean[] = [];
    const lanes = createLanes({ onBusy: (is) => busy.push(is) });
    const { job, started, end } = createJobs();
    await expect(lanes.alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    void lanes.write(job('w1'));
    void lanes.read(job('r1'));
    const drained = lanes.drain();
    await expect(lanes.write(job('late'))).rejects.toMatchObject({ reason: 'DATABASE_CLOSED' });
    await end('w1');
    await end('r1');
    await drained;
    expect(started).toEqual(['w1', 'r1']);
    expect(busy).toEqual([true, false, true, false]);
  });
});
