/** The agent's clock: monotonic, in ms. */
export const now = (): number => performance.now();

/** All alarms of an agent on one timer: an idle agent costs one timer, and tasks cost none. */
export class Alarms {
  readonly #set = new Set<Alarm>();
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;

  /** An alarm that calls `ring` when its time has come. */
  create(ring: () => void): Alarm {
    return new Alarm(this, ring);
  }

  /** An alarm's time has changed. */
  changed(alarm: Alarm): void {
    if (alarm.due === Number.POSITIVE_INFINITY) this.#set.delete(alarm);
    else this.#set.add(alarm);
    if (this.#set.size === 0) this.#disarm();
    else if (alarm.due < this.#timerDue) this.#arm(alarm.due);
  }

  #arm(due: number): void {
    clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.ceil(due - now())));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDue = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#disarm();
    const time = now();
    for (const alarm of [...this.#set]) {
      if (alarm.due <= time) alarm.fire();
    }
    let next = Number.POSITIVE_INFINITY;
    for (const alarm of this.#set) next = Math.min(next, alarm.due);
    if (next < this.#timerDue) this.#arm(next);
  }
}

/** Something that is to be done at a point in time. */
export class Alarm {
  /** On the clock of {@link now}. Infinity: not set. */
  due = Number.POSITIVE_INFINITY;
  readonly #alarms: Alarms;
  readonly #ring: () => void;

  constructor(alarms: Alarms, ring: () => void) {
    this.#alarms = alarms;
    this.#ring = ring;
  }

  /** Sets it; an earlier setting is forgotten. */
  set(at: number): void {
    this.due = at;
    this.#alarms.changed(this);
  }

  /** Sets it unless it is already set for an earlier time. */
  setAtLatest(at: number): void {
    if (at < this.due) this.set(at);
  }

  clear(): void {
    this.set(Number.POSITIVE_INFINITY);
  }

  fire(): void {
    this.clear();
    this.#ring();
  }
}
