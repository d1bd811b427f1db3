import { wordsOf } from '../../policies/answer-fields.js';

/** Why a task becomes nothing. */
export class NotExpanded extends Error {
  override readonly name = 'NotExpanded';
  /** Begins with EXPANSION_FAILED or TOO_MANY_ITEMS. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** @param words what is wrong, and where */
export function expansionFailed(words: string): NotExpanded {
  return new NotExpanded(`EXPANSION_FAILED: ${wordsOf(words)}`);
}
