/** How a process ended. */
export interface Death {
  /** How long it lived, in ms. */
  readonly livedMs: number;
  /** It has got as far as to do what it is for. */
  readonly worked: boolean;
  /** The signal that ended it; `null`: it ended by itself. */
  readonly signal: NodeJS.Signals | null;
}

/** One that lives this long has nothing to do with the deaths before it. */
const A_WHILE_MS = 30_000;
const BASE_MS = 100;
const LONGEST_MS = 10_000;
/** Signals that others send; a process that breaks by itself gets other ones. */
const FROM_OUTSIDE = new Set<NodeJS.Signals | null>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

/**
 * When a process that died is started again: at once the first time, later and later (100 ms,
 * 200 ms … 10 s) while deaths follow on each other. Whoever is killed from outside is always
 * started again; what ends by itself `most` times in a row without having worked is not.
 */
export class Restarts {
  readonly #most: number;
  #deaths = 0;
  #failures = 0;

  constructor(most = 5) {
    this.#most = most;
  }

  /** How long to wait before the next start, in ms; `null`: there is no sense in another. */
  waitAfter({ livedMs, worked, signal }: Death): number | null {
    if (livedMs >= A_WHILE_MS) this.#deaths = 0;
    if (worked || livedMs >= A_WHILE_MS) this.#failures = 0;
    this.#deaths++;
    if (!worked && !FROM_OUTSIDE.has(signal)) this.#failures++;
    if (this.#failures >= this.#most) return null;
    return this.#deaths === 1 ? 0 : Math.min(LONGEST_MS, BASE_MS * 2 ** (this.#deaths - 2));
  }
}
