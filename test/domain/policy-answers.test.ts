import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import {
  readApproval,
  readAuctionInput,
  readHeadStart,
  readPlan,
  readPriority,
  readValidation,
} from '../../src/domain/policies/read-answers.js';
import { storable } from '../../src/domain/policies/storable.js';

describe('answers of policies', () => {
  it('an approval is a bool or a map', () => {
    expect(readApproval(true)).toEqual({ verdict: 'ACCEPTED', reason: '' });
    expect(readApproval(false)).toEqual({ verdict: 'REJECTED', reason: '' });
    expect(readApproval({ accepted: false, reason: 'too dear' })).toEqual({
      verdict: 'REJECTED',
      reason: 'too dear',
    });
    expect(readApproval({ accepted: true, reason: null, needs_human: false, due: null })).toEqual({
      verdict: 'ACCEPTED',
      reason: '',
    });
  });

  it('a person is asked with or without a time', () => {
    expect(readApproval({ needs_human: true, reason: 'look', due: '5400s' })).toEqual({
      verdict: 'NEEDS_HUMAN',
      reason: 'look',
      dueMs: 5_400_000,
    });
    expect(readApproval({ accepted: true, needs_human: true })).toMatchObject({
      verdict: 'NEEDS_HUMAN',
      dueMs: null,
    });
  });

  it('a priority is an int from 0 to 1000', () => {
    expect(readPriority(0)).toEqual({ priority: 0 });
    expect(readPriority({ priority: 1_000 })).toEqual({ priority: 1_000 });
  });

  it('a plan names an agent, or none', () => {
    expect(readPlan('a-1')).toEqual({ headAgentSubjectId: 'a-1', reason: '' });
    expect(readPlan({ head_agent_subject_id: null, reason: 'nobody fits' })).toEqual({
      headAgentSubjectId: '',
      reason: 'nobody fits',
    });
  });

  it('parameters of an auction are a map', () => {
    expect(readAuctionInput({ reserve: 3 })).toEqual({ reserve: 3 });
  });

  it('a head start is a duration of at most 48 h', () => {
    expect(readHeadStart('0s')).toBe(0);
    expect(readHeadStart('1.5s')).toBe(1_500);
    expect(readHeadStart('172800s')).toBe(172_800_000);
  });

  it('a validation says what is wrong', () => {
    expect(readValidation(true)).toBe('');
    expect(readValidation('')).toBe('');
    expect(readValidation('no pages')).toBe('no pages');
    expect(readValidation(false)).not.toBe('');
  });

  it('words are cut where they are too long, and hold nothing that cannot be stored', () => {
    expect(readValidation('x'.repeat(5_000))).toHaveLength(1_000);
    expect(readApproval({ accepted: false, reason: 'a\0b\ud800' })).toMatchObject({
      reason: 'a\ufffdb\ufffd',
    });
    expect(storable({ 'k\0': ['\udc00', 'ok 😀', 3] })).toEqual({ 'k\ufffd': ['\ufffd', 'ok 😀', 3] });
  });

  const wrong: readonly [string, (output: JsonValue) => unknown, JsonValue, string][] = [
    ['an approval that is a number', readApproval, 3, 'must be a bool or a map, not an int'],
    ['an approval without accepted', readApproval, { reason: 'x' }, 'lacks the field accepted'],
    ['a misspelt field', readApproval, { accepted: true, needs_humans: true }, 'did you mean needs_human?'],
    ['accepted in words', readApproval, { accepted: 'yes' }, 'accepted must be a bool, not a string'],
    ['a reason that is a list', readApproval, { accepted: true, reason: [] }, 'reason must be a string'],
    ['a due time in the past', readApproval, { needs_human: true, due: '-3s' }, 'due must be from'],
    ['a due time without a unit', readApproval, { needs_human: true, due: '90' }, 'due must be a duration'],
    ['a due time of years', readApproval, { needs_human: true, due: '99999999s' }, 'to 8784h'],
    ['a fraction of a priority', readPriority, 1.5, 'must be an int from 0 to 1000, not a double'],
    ['a priority of 1001', readPriority, 1_001, 'not 1001'],
    ['a negative priority', readPriority, { priority: -1 }, 'not -1'],
    ['a map without priority', readPriority, {}, 'not null'],
    ['a plan without an agent', readPlan, { reason: 'x' }, 'lacks the field head_agent_subject_id'],
    ['an agent that is a number', readPlan, { head_agent_subject_id: 3 }, 'must be a string, not an int'],
    ['an endless id', readPlan, 'x'.repeat(201), 'at most 200'],
    ['an auction of a list', readAuctionInput, [], 'must be a map, not a list'],
    ['a head start of three days', readHeadStart, '259200s', 'from 0s to 48h'],
    ['a head start in the past', readHeadStart, '-1s', 'from 0s to 48h'],
    ['a head start that is a number', readHeadStart, 60, 'must be a duration, not an int'],
    ['a validation that is a number', readValidation, 1, 'must be a bool or a string'],
  ];
  it.each(wrong)('%s is a wrong result', (_name, read, output, message) => {
    expect(() => read(output)).toThrow(message);
  });
});
