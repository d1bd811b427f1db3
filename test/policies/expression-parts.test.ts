import { describe, expect, it } from 'vitest';
import { MAX_NAMED_LENGTH, RequestBuilder } from '../../src/policies/cel/encode.js';
import { namedOf, SharedParts, treeOf } from '../../src/policies/cel/named-paths.js';
import { Turns } from '../../src/policies/cel/turns.js';

describe('what expressions name', () => {
  it('is put together by what goes on where another one ends', () => {
    const tree = treeOf([['a', 'b', 'c'], ['a', 'b'], ['a', 'b', 'd'], ['e'], ['e', 'f'], ['g', 'h']]);
    expect(tree).toEqual(
      new Map<string, unknown>([
        ['a', new Map([['b', null]])],
        ['e', null],
        ['g', new Map([['h', null]])],
      ]),
    );
  });

  it('is all that is left of a value', () => {
    const tree = treeOf([
      ['a', 'b'],
      ['a', 'x'],
      ['list', 'c'],
      ['none', 'd'],
    ]);
    const value = { a: { b: 1, c: 2 }, list: [{ c: 1 }], none: null, other: 3 };
    expect(JSON.stringify(namedOf(value, tree))).toBe('{"a":{"b":1},"list":[{"c":1}],"none":null}');
  });

  it('is written down once, whoever names it, and nothing else of what is shared', () => {
    const shared = new SharedParts({ context: { a: { b: 1, secret: 'x' }, c: [2] }, results: {} });
    const first = shared.of(
      treeOf([
        ['context', 'a', 'b'],
        ['context', 'c'],
        ['results', 'none'],
      ]),
    );
    expect(first.map(({ text }) => text)).toEqual([
      '[["context","a","b"],1]',
      '[["context","c"],[2]]',
      '[["results"]]',
    ]);
    const second = shared.of(treeOf([['context', 'c'], ['context', 'a', 'none'], ['nobody']]));
    expect(second.map(({ text }) => text)).toEqual(['[["context","c"],[2]]', '[["context","a"]]']);
    const request = new RequestBuilder();
    expect([request.scope(first), request.scope(second)]).toEqual([0, 1]);
    request.express(request.expression(['context'], 'context.c'), 1, '{}');
    const [head = '', ...lines] = request.build().split('\n');
    expect(lines).toEqual([...new Set([...first, ...second].map(({ text }) => text)), '{}']);
    expect(JSON.parse(head)).toMatchObject({
      scopes: [
        [0, 1, 2],
        [1, 3],
      ],
      items: [['express', 0, 1, 4]],
    });
  });

  it('has a limit, of what is shared and of what is not', () => {
    const shared = new SharedParts({ a: 'x'.repeat(MAX_NAMED_LENGTH), b: 1 });
    const request = new RequestBuilder();
    const expression = request.expression(['a'], 'a');
    expect(request.express(expression, request.scope(shared.of(treeOf([['a']]))), '{}')).toBe(false);
    const scope = request.scope(shared.of(treeOf([['b']])));
    expect(request.express(expression, scope, `"${'x'.repeat(MAX_NAMED_LENGTH)}"`)).toBe(false);
    expect(request.express(expression, scope, '{}')).toBe(true);
    expect(request.count).toBe(1);
  });
});

describe('turns', () => {
  it('are taken in order, and by one owner no more than are for one', async () => {
    const turns = new Turns(3, 2);
    const log: string[] = [];
    const ends: (() => void)[] = [];
    const take = (owner: string, name: string) =>
      turns.take(owner, async () => {
        log.push(name);
        await new Promise<void>((resolve) => ends.push(resolve));
      });
    const all = [
      take('a', 'a1'),
      take('a', 'a2'),
      take('a', 'a3'),
      take('b', 'b1'),
      take('b', 'b2'),
      take('c', 'c1'),
    ];
    await Promise.resolve();
    expect(log).toEqual(['a1', 'a2', 'b1']);
    for (const expected of ['a3', 'b2', 'c1']) {
      ends.shift()?.();
      await new Promise(setImmediate);
      expect(log.at(-1)).toBe(expected);
    }
    for (const end of ends) end();
    await Promise.all(all);
  });

  it('go on after one that failed', async () => {
    const turns = new Turns(1, 1);
    const failed = turns.take('a', () => Promise.reject(new Error('no')));
    const next = turns.take('a', async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
