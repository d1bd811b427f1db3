/** What a handler throws to say how its attempt failed. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  /** A word for programs, for example `RateLimited`. Upper case is Reeve's own. */
  readonly kind: string;
  /** Whether another attempt may succeed. */
  readonly retryable: boolean;
  /** More about it, for programs: a JSON value, bytes, or what `payload()` made. */
  readonly detail: unknown;

  /**
   * @param kind - at most 200 characters
   * @param message - a sentence for people, at most 8,000 characters
   * @param options - `retryable`: default true
   */
  constructor(
    kind: string,
    message: string,
    options: { readonly retryable?: boolean; readonly detail?: unknown } = {},
  ) {
    super(message);
    this.kind = kind;
    this.retryable = options.retryable ?? true;
    this.detail = options.detail;
  }
}
