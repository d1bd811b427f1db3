import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import { expanding } from './support/expanding.js';
import { scopeWith } from './support/expansion-world.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());
const { itemsOf, elementsOf, reasonOf } = expanding(engine);

describe('the arrays of an expansion', () => {
  const context = { users: ['of the context'], deep: { list: [{ rows: [1, 2] }] } };

  it.each<[string, string, JsonValue, JsonObject[], string[]]>([
    [
      'its own input before its data',
      'users',
      { users: ['own'], data: { users: ['data'] } },
      [{ x: 'own' }],
      ['users'],
    ],
    ['its data before the context', 'users', { data: { users: ['data'] } }, [{ x: 'data' }], ['data']],
    ['the context', 'users', { other: 1 }, [{ x: 'of the context' }], []],
    [
      'the context by its name, though the input has such',
      'context.users',
      { context: { users: ['no'] } },
      [{ x: 'of the context' }],
      [],
    ],
    ['a path in the input', 'list.rows', { list: { rows: [7] } }, [{ x: 7 }], ['list']],
    ['an element of a list', 'deep.list.0.rows', null, [{ x: 1 }, { x: 2 }], []],
    ['a path with brackets', 'deep.list[0]["rows"]', null, [{ x: 1 }, { x: 2 }], []],
    ['the context, though its data is a text', 'users', { data: 'no' }, [{ x: 'of the context' }], []],
    ['results', 'results.load.rows', {}, [{ x: 'r' }], []],
    ['params', 'params.rows', {}, [{ x: 'p' }], []],
    ['a key with a dot', 'a.b', { 'a.b': [3] }, [{ x: 3 }], ['a.b']],
  ])('come from %s', async (_, path, input, elements, sources) => {
    const scope = scopeWith(context, { results: { load: { rows: ['r'] } }, params: { rows: ['p'] } });
    const items = await itemsOf({ type: 'array', array_mapping: { x: path } }, input, scope);
    expect(items.map((item) => item.elements)).toEqual(elements);
    expect(items[0]?.sources).toEqual(sources);
  });

  it.each<[string, string, JsonValue, string]>([
    [
      'nowhere',
      'users',
      {},
      "EXPANSION_FAILED: array x: there is no users in the task's input, and none in the context",
    ],
    [
      'not where it is said to be',
      'context.users',
      {},
      'EXPANSION_FAILED: array x: there is no context.users',
    ],
    [
      'not within what is there',
      'list.rows',
      { list: {} },
      'EXPANSION_FAILED: array x: there is no list.rows',
    ],
    [
      'an object',
      'users',
      { users: { ann: 1 } },
      'EXPANSION_FAILED: array x: users is an object with ann, not a list',
    ],
    [
      'a text',
      'users',
      { data: { users: 'ann' } },
      'EXPANSION_FAILED: array x: data.users is a text, not a list',
    ],
    ['null', 'users', { users: null }, 'EXPANSION_FAILED: array x: users is null, not a list'],
    ['a number in the context', 'n', {}, 'EXPANSION_FAILED: array x: context.n is a number, not a list'],
    [
      'inherited by every object',
      'constructor.name',
      {},
      "EXPANSION_FAILED: array x: there is no constructor.name in the task's input, and none in the context",
    ],
  ])('are an error where they are %s', async (_, path, input, reason) => {
    expect(await reasonOf({ type: 'array', array_mapping: { x: path } }, input, scopeWith({ n: 3 }))).toBe(
      reason,
    );
  });
});

describe('an array in the input that is a template', () => {
  const context = { team: { people: [{ name: 'Ann' }, { name: 'Bob' }] } };

  it.each<[string, JsonValue, JsonValue[]]>([
    ['users', { users: '{{ context.team.people }}' }, [{ name: 'Ann' }, { name: 'Bob' }]],
    ['users', { users: ['{{ context.team.people[1].name }}', 'Cem'] }, ['Bob', 'Cem']],
    ['people', { data: '{{ context.team }}' }, [{ name: 'Ann' }, { name: 'Bob' }]],
    [
      'users',
      { data: { users: '{{ context.team.people.map(p, p.name) }}', by: '{{ item.x }}' } },
      ['Ann', 'Bob'],
    ],
    ['users.people', { users: '{{ context.team }}', by: '{{ item.x }}' }, [{ name: 'Ann' }, { name: 'Bob' }]],
  ])('is rendered first: %s in %j', async (path, input, values) => {
    const elements = await elementsOf(
      { type: 'array', array_mapping: { x: path } },
      input,
      scopeWith(context),
    );
    expect(elements).toEqual(values.map((x) => ({ x })));
  });

  it('is rendered once: what comes of it is no template', async () => {
    const text = '{{ params.secret }}';
    const config = { type: 'array', array_mapping: { x: 'users' } };
    const scope = scopeWith({ list: [text] }, { params: { secret: 'no' } });
    expect(await elementsOf(config, { users: '{{ context.list }}' }, scope)).toEqual([{ x: text }]);
    expect(await elementsOf({ type: 'array', array_mapping: { x: 'list' } }, {}, scope)).toEqual([
      { x: text },
    ]);
  });

  it('is an error where it cannot be rendered, or is no list then', async () => {
    const config = { type: 'array', array_mapping: { x: 'users' } };
    expect(await reasonOf(config, { users: '{{ context.gone }}' })).toMatch(
      /^EXPANSION_FAILED: input\.users: .*No such key: gone/,
    );
    expect(await reasonOf(config, { users: '{{ context.team }}' }, scopeWith(context))).toBe(
      'EXPANSION_FAILED: array x: users is an object with people, not a list',
    );
  });
});
