import { describe, expect, test } from 'vitest';
import type { Role, Subject } from '../../src/domain/directory/directory.js';
import { checkFilter, matchesRole, matchesSubject, type Sought } from '../../src/domain/directory/filter.js';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';

const ROLE: Role = {
  roleId: 'reviewer',
  roleType: 'duty',
  jobSpaceId: '',
  groupIds: ['legal', 'law'],
  attributes: { level: 3, langs: ['de', 'en', null], desk: { city: 'Bonn' }, off: null, '0': 'zero' },
  description: '',
  updateTime: 0,
};

const SUBJECT: Subject = {
  subjectId: 'ann',
  subjectType: 'agent',
  roleIds: ['reviewer', 'writer'],
  groupIds: [],
  attributes: {},
  updateTime: 0,
};

function problems(filter: JsonValue, sought: Sought = 'role') {
  return checkFilter(filter, sought).map(({ field, description }) => `${field}: ${description}`);
}

describe('a filter of roles or subjects', () => {
  test.each<[string, JsonObject, boolean]>([
    ['nothing asked', {}, true],
    ['a plain value', { role_id: 'reviewer' }, true],
    ['another value', { role_id: 'writer' }, false],
    ['all fields must match', { role_id: 'reviewer', role_type: 'hat' }, false],
    ['an entry of a list', { group_ids: 'law' }, true],
    ['no entry of a list', { group_ids: { $eq: 'tax' } }, false],
    ['$ne of an entry', { group_ids: { $ne: 'law' } }, false],
    ['$in', { group_ids: { $in: ['tax', 'law'] } }, true],
    ['$in of nothing', { role_id: { $in: [] } }, false],
    ['$nin', { group_ids: { $nin: ['tax', 'law'] } }, false],
    ['$nin of nothing', { role_id: { $nin: [] } }, true],
    ['an empty text', { job_space_id: '' }, true],
    ['$exists of an empty text', { job_space_id: { $exists: true } }, false],
    ['$exists of a list', { group_ids: { $exists: true } }, true],
    ['a number', { 'attributes.level': 3 }, true],
    ['a number is no text', { 'attributes.level': '3' }, false],
    ['an entry of an attribute', { 'attributes.langs': 'en' }, true],
    ['null of what is null', { 'attributes.off': null }, true],
    ['null of what is not there', { 'attributes.gone': null }, true],
    ['null among the entries', { 'attributes.langs': null }, true],
    ['null of what is there', { 'attributes.level': null }, false],
    ['$exists of null', { 'attributes.off': { $exists: true } }, true],
    ['$exists of what is not there', { 'attributes.gone': { $exists: false } }, true],
    ['$ne of what is not there', { 'attributes.gone': { $ne: 1 } }, true],
    ['an attribute inside another', { 'attributes.desk.city': 'Bonn' }, true],
    ['a key is no position in a list', { 'attributes.langs.0': 'de' }, false],
    ['a key that is a number', { 'attributes.0': 'zero' }, true],
    ['what every object has', { 'attributes.constructor': { $exists: true } }, false],
    ['several operators', { 'attributes.level': { $in: [2, 3], $ne: 2 } }, true],
    ['$or', { $or: [{ role_id: 'writer' }, { 'attributes.level': 3 }] }, true],
    ['$and', { $and: [{ role_id: 'reviewer' }, { role_type: 'hat' }] }, false],
    ['both and a field', { role_type: 'duty', $or: [{ role_id: 'x' }, { role_id: 'reviewer' }] }, true],
  ])('%s', (_, filter, matches) => {
    expect(problems(filter)).toEqual([]);
    expect(matchesRole(filter, ROLE)).toBe(matches);
  });

  test('subjects are found by the roles that they name', () => {
    expect(matchesSubject({ role_ids: 'writer', subject_type: 'agent' }, SUBJECT)).toBe(true);
    expect(matchesSubject({ group_ids: { $exists: true } }, SUBJECT)).toBe(false);
  });

  test.each<[JsonValue, string]>([
    [{ role_id: { $exist: 1 } }, 'filter.role_id.$exist: is no operator; did you mean $exists?'],
    [{ role_id: { $neq: 'a' } }, 'filter.role_id.$neq: is no operator; did you mean $ne?'],
    [{ $nor: [{}] }, 'filter.$nor: is no operator here; did you mean $or?'],
    [{ role_id: { $regex: '.*' } }, '$regex: is no operator; there are $ne, $eq, $in, $nin, $exists'],
    [{ role_ids: 'x' }, 'filter.role_ids: is no field of a role; did you mean role_id?'],
    [{ colour: 'x' }, 'filter.colour: is no field of a role; there are role_id,'],
    [{ role_id: 5 }, 'filter.role_id: must be a text'],
    [{ group_ids: ['a'] }, 'filter.group_ids: must be a text'],
    [{ role_id: {} }, 'filter.role_id: needs an operator'],
    [{ role_id: { $in: 'a' } }, 'filter.role_id.$in: must be a list of values'],
    [{ role_id: { $in: ['a', null] } }, 'filter.role_id.$in[1]: must be a text'],
    [{ role_id: { $exists: 1 } }, 'filter.role_id.$exists: must be true or false'],
    [{ 'attributes.a': { $eq: {} } }, 'must be a text, a number, true, false or null'],
    [{ 'attributes.a..b': 1 }, 'must name 1 to 8 attributes'],
    [{ attributes: 1 }, 'filter.attributes: is no field of a role'],
    [{ role_id: 'a\0' }, 'must not contain NUL'],
    [{ 'attributes.\ud800': 1 }, 'must not contain NUL'],
    [{ $or: [] }, 'filter.$or: must be a list of at least one JSON object'],
    [{ $or: ['a'] }, 'filter.$or[0]: must be a JSON object'],
    [[], 'filter: must be a JSON object'],
    ['role_id', 'filter: must be a JSON object'],
  ])('%j is refused', (filter, problem) => {
    expect(problems(filter).join('\n')).toContain(problem);
  });

  test('depth and size are bounded', () => {
    const deep = (n: number): JsonObject => (n === 0 ? { role_id: 'a' } : { $and: [deep(n - 1)] });
    expect(problems(deep(7))).toEqual([]);
    expect(problems(deep(8)).join()).toContain('is deeper than 8');
    expect(problems(deep(2_000)).join()).toContain('is deeper than 8');
    const many = (n: number) => ({ role_id: { $in: Array.from({ length: n }, (_, i) => `r${i}`) } });
    expect(problems(many(998))).toEqual([]);
    expect(problems(many(999)).join()).toContain('more than 1000');
    expect(problems({ $or: Array.from({ length: 100_000 }, () => ({})) }).join()).toContain('more than 1000');
  });
});
