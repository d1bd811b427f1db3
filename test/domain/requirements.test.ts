import { describe, expect, it } from 'vitest';
import { requirementsOfKind, signatureOf } from '../../src/domain/tasks/requirements.js';

describe('the requirements of a kind', () => {
  it('are one object, whose signature is that of equal requirements', () => {
    const made = requirementsOfKind('mail.send');
    expect(requirementsOfKind('mail.send')).toBe(made);
    expect(signatureOf(made)).toBe(signatureOf({ ...made }));
    expect(signatureOf(made)).toBe('["",["mail.send"],[],[],"","",""]');
  });

  it('stay right with more kinds than are kept in mind', () => {
    const first = requirementsOfKind('kind-0');
    for (let n = 0; n < 2_500; n++) {
      const made = requirementsOfKind(`kind-${n}`);
      expect(made.capabilities).toEqual([`kind-${n}`]);
      expect(signatureOf(made)).toBe(signatureOf({ ...made }));
    }
    expect(requirementsOfKind('kind-0')).toEqual(first);
  });
});
