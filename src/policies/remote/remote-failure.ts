/**
 * Why a service of an organisation has no answer: it could not be reached, or may not be; it did not answer in
 * time; a message is larger than may be; what it answered is no message of its kind; or it answered an error.
 */
export type RemoteFailureKind = 'UNAVAILABLE' | 'DEADLINE' | 'TOO_LARGE' | 'WRONG_RESULT' | 'ERROR';

const MAX_WORDS = 500;

/** What a call to a service of an organisation fails with. */
export class RemoteFailure extends Error {
  override readonly name = 'RemoteFailure';
  readonly kind: RemoteFailureKind;

  constructor(kind: RemoteFailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What somebody else's program says, fit for a line of ours: without control characters, and bounded. */
export function theirWords(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}
