import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sorted } from '../../../bench/decisions/sorted.js';
import { VirtualTime } from '../../../bench/decisions/virtual-time.js';

describe('virtual time', () => {
  it('passes from event to event, those of the same time in the order they were asked for', () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} at ${time.now}`);
    time.at(20, note('late'));
    time.at(10, () => {
      note('first')();
      time.after(0, note('at once'));
      time.after(5, note('soon'));
    });
    time.at(10, note('second'));
    time.run(20);
    expect(seen).toEqual(['first at 10', 'second at 10', 'at once at 10', 'soon at 15']);
    time.run();
    expect(seen.at(-1)).toBe('late at 20');
    expect(() => time.at(3, () => {})).toThrow('it is 20 ms by now');
  });

  it('has its events in order whatever order they came in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const sorted = new Sorted<number>((a, b) => a - b);
        for (const number of numbers) sorted.add(number);
        const taken = Array.from(numbers, () => sorted.take());
        expect(taken).toEqual([...numbers].sort((a, b) => a - b));
        expect(sorted.take()).toBeUndefined();
      }),
    );
  });
});
