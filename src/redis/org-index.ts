import { DEFAULT_EXPECTED_MS } from '../domain/order/turns.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { AttemptEnd, ReadyTask, RecentStart, Reservation, RunningTask } from '../ports/ready-index.js';
import { GivenUses } from './given-uses.js';
import { partOf } from './lane-names.js';
import type { LaneDescription, Operation } from './operations.js';
import type { OrgIndexOptions } from './org-index-options.js';
import { OrgLimitsTold } from './org-limits-told.js';
import { OwnSessions } from './own-sessions.js';
import { PendingOperations } from './pending-operations.js';
import { Picture } from './picture.js';
import { receivedReservation } from './reservation.js';
import { Reserving } from './reserving.js';
import { list, type StepReply, type Want } from './step.js';
import { type Step, Steps } from './steps.js';

const NOBODY: ReadonlyMap<string, number> = new Map();

/** Takes a step for operations whose answers matter. `want`: lanes of which so many first tasks are wanted. */
export type TakeStep = (asked: readonly Operation[], want?: readonly Want[]) => Promise<StepReply>;

/** The index of one organisation: one step at a time, and what is to be written meanwhile goes along with the next. */
export class OrgIndex {
  readonly org: string;
  readonly picture: Picture;
  readonly sessions: OwnSessions;
  readonly #options: OrgIndexOptions;
  readonly #pending: PendingOperations;
  readonly #steps: Steps;
  readonly #reserving: Reserving;
  readonly #limits: OrgLimitsTold;
  /** Of reservations for sessions of this coordinator. */
  readonly uses = new GivenUses();
  readonly #inbox: Reservation[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #flushing = false;
  /** New tasks that are to be reserved in the next turn of that kind. */
  readonly #fresh: ReadyTask[] = [];
  #freshTurn: Promise<ReadonlyMap<string, Reservation>> | null = null;
  /** Monotonic, ms. */
  #steppedAt = Number.NEGATIVE_INFINITY;
  #hasBeenThere = false;
  /** The answer to a step did not come: it may have told that this coordinator was taken for gone. */
  #hasMissed = false;
  #stopTimer: () => void = () => undefined;

  constructor(options: OrgIndexOptions) {
    const { me, clock, lingerMs, onLost, org, orderTerms, durations, names } = options;
    this.#options = options;
    this.org = org;
    this.sessions = new OwnSessions(me);
    this.#steps = new Steps(options);
    this.#pending = new PendingOperations({ clock, flush: () => this.#flush(), onLost, lingerMs });
    const grantedTo = (sessionId: string) => this.sessions.grantedTo(sessionId);
    const restShare = () => orderTerms.restShareOf(org);
    this.picture = new Picture({ ...options, grantedTo, restShare });
    this.#limits = new OrgLimitsTold({
      ...options,
      life: () => this.#steps.generation,
      told: () => this.picture.order,
      write: (operations) => this.write(operations, {}, true),
      backlog: () => this.#pending.size,
    });
    this.#reserving = new Reserving({
      ...options,
      picture: this.picture,
      step: (asked, want) => this.#step(asked, { ...(want && { want }), quiet: true }),
      isQuiet: () => this.#pending.isQuiet,
      isTold: () => this.#pending.size === 0,
      isRecent: () => clock.monotonic() - this.#steppedAt < lingerMs,
      onProbe: (kind, agent) => void this.write([{ op: 'probe', kind, agent }]),
      expectedMs: (kind) => durations.of(org, kind) ?? DEFAULT_EXPECTED_MS,
      placeOf: (task) => {
        const part = partOf(task.requirements.keys);
        return part && names.of(task).name + part;
      },
      limitsVersion: () => this.#limits.version,
      onUse: (reservationId, use) => this.uses.keep(reservationId, use),
    });
  }

  /** Nothing here is of any use: nobody is connected, nothing waits to be written. */
  get isIdle(): boolean {
    return this.sessions.size === 0 && this.#pending.size === 0 && this.#inbox.length === 0;
  }

  /** What the organisation has set may be another than before. */
  termsChanged(): void {
    this.picture.orderChanged();
    this.#limits.compare();
    this.#options.onRunnable();
  }

  /** See `ReadyIndex`. */
  async setRunning(running: readonly RunningTask[], starts: readonly RecentStart[]): Promise<void> {
    if (this.#steps.generation === '') await this.look();
    await this.#limits.setRunning(running, starts);
  }

  /** Whether some task had a deadline at the last step. */
  get hasDeadlines(): boolean {
    return this.#steps.hasDeadlines;
  }

  /**
   * Writes with the next step. Answers once that is done, or after a moment without one: they are
   * tried again until they succeed, in their order, and every later step takes them along.
   *
   * @param isPatient see `PendingOperations`
   */
  write(
    operations: readonly Operation[],
    lanes: Readonly<Record<string, LaneDescription>> = {},
    isPatient = false,
  ): Promise<void> {
    return this.#pending.add(operations, lanes, isPatient);
  }

  /** A session of this coordinator grants so many tasks in all, by the call of that name. */
  grant(sessionId: string, total: number, request: string): Promise<void> {
    this.sessions.grant(sessionId, total, request);
    // Told first: who plans what is to be done next takes the operation along.
    const written = this.write([{ op: 'grant', sid: sessionId, total, request }]);
    this.picture.granted(sessionId, total, request);
    return written;
  }

  /** Slots of claims that have ended, of one session or of whoever has them. */
  free(claims: readonly Claim[], sessionId?: string): Promise<void> {
    for (const claim of claims) {
      const had = this.sessions.freed(claim, sessionId);
      if (had !== undefined) this.picture.freed(had);
    }
    const only = sessionId === undefined ? {} : { sid: sessionId };
    return this.write(claims.map(({ taskId, epoch }) => ({ op: 'free', id: taskId, e: epoch, ...only })));
  }

  /** Attempts have ended, just now. */
  recordAttempts(ends: readonly AttemptEnd[]): Promise<void> {
    const at = this.picture.now();
    return this.write([
      {
        op: 'attempts',
        ends: ends.map(({ taskId, outcome }) => [taskId, outcome] as const),
        ...(at !== undefined && { at }),
      },
    ]);
  }

  /**
   * Carries out operations whose answers matter.
   *
   * @throws UNAVAILABLE (INDEX_UNAVAILABLE)
   */
  ask(operations: readonly Operation[]): Promise<readonly unknown[]> {
    return this.#inTurn(async () => {
      const { answers } = await this.#step(operations);
      return list(answers);
    });
  }

  /** What cannot be done now is done later all the same; but who asked is told. */
  async askOrWrite(operation: Operation): Promise<readonly unknown[]> {
    try {
      return await this.ask([operation]);
    } catch (error) {
      void this.write([operation]);
      throw error;
    }
  }

  /** Takes steps that nothing comes between. */
  inTurn<T>(work: (step: TakeStep) => Promise<T>): Promise<T> {
    return this.#inTurn(() => work((asked, want = []) => this.#step(asked, { want })));
  }

  /** Brings the picture up to date. @throws UNAVAILABLE (INDEX_UNAVAILABLE) */
  look(): Promise<void> {
    return this.#inTurn(async () => void (await this.#step([])));
  }

  /** Reservations for sessions of this coordinator; `more`: there may be more, for whomever. */
  reserve(max: number): Promise<{ readonly mine: readonly Reservation[]; readonly more: boolean }> {
    return this.#inTurn(async () => {
      const made = await this.#reserving.waiting(max);
      for (const { reservation, isMine } of made) if (reservation && isMine) this.#inbox.push(reservation);
      const mine = this.#inbox.splice(0, max);
      return { mine, more: this.#inbox.length > 0 || (made.length > 0 && this.#isRunnable) };
    });
  }

  /** Reservations for new tasks, in their order; only for sessions of this coordinator. Concurrent calls go together. */
  async reserveNew(tasks: readonly ReadyTask[]): Promise<readonly (Reservation | null)[]> {
    this.#fresh.push(...tasks);
    this.#freshTurn ??= this.#inTurn(() => this.#reserveFresh());
    const made = await this.#freshTurn;
    return tasks.map(({ taskId }) => made.get(taskId) ?? null);
  }

  async #reserveFresh(): Promise<ReadonlyMap<string, Reservation>> {
    const tasks = this.#fresh.splice(0);
    this.#freshTurn = null;
    const made = await this.#reserving.fresh(tasks);
    return new Map(made.flatMap((m) => (m.reservation ? [[m.taskId, m.reservation]] : [])));
  }

  close(): void {
    this.#stopTimer();
    this.#pending.close();
  }

  get #isRunnable(): boolean {
    return this.picture.lanes.head() !== undefined;
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    void this.#inTurn(async () => {
      this.#flushing = false;
      if (this.#pending.size > 0) await this.#step([]);
    }).catch(() => undefined);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #step(
    asked: readonly Operation[],
    { want = [], quiet = false }: { readonly want?: readonly Want[]; readonly quiet?: boolean } = {},
  ): Promise<StepReply> {
    const batch = this.#pending.take();
    let done: Step;
    try {
      done = await this.#steps.take({ ...batch, asked, want, holds: this.sessions.size > 0 });
    } catch (error) {
      this.#hasMissed = true;
      batch.failed(error);
      throw error;
    }
    this.#steppedAt = this.#options.clock.monotonic();
    this.#read(done, want, quiet);
    batch.done();
    return done.reply;
  }

  #read({ reply, isLost }: Step, want: readonly Want[], quiet: boolean): void {
    const { onRunnable, onLost } = this.#options;
    const { namedHolds } = this.picture;
    // Only then it matters, and it has to be known from before.
    const mayBeVoid = isLost || reply.isNew || this.#hasMissed;
    const assigned = mayBeVoid ? this.#assigned() : NOBODY;
    this.picture.read(reply, want);
    for (const text of list(reply.inbox)) this.#receive(text);
    if (isLost) this.#holdAgain(namedHolds);
    this.#limits.compare();
    if (this.sessions.size > 0) {
      // What this coordinator holds was lost, or taken for gone.
      if (isLost || ((reply.isNew || this.#isMissingSessions) && this.#hasBeenThere)) {
        void this.write(this.sessions.operations((sessionId) => assigned.get(sessionId) ?? 0));
      }
      this.#hasBeenThere = true;
    }
    this.#hasMissed = false;
    this.#setTimer(reply);
    if (isLost) onLost();
    if (!quiet && (this.#isRunnable || this.#inbox.length > 0)) onRunnable();
  }

  #receive(text: string): void {
    const { reservation, use } = receivedReservation(this.org, text);
    this.#inbox.push(reservation);
    if (use) this.uses.keep(reservation.reservationId, use);
  }

  get #isMissingSessions(): boolean {
    return this.#hasMissed && this.sessions.ids().some((id) => this.picture.instances.get(id) === undefined);
  }

  #holdAgain(named: readonly string[]): void {
    for (let i = 0; i < named.length; i += 2) {
      void this.write([{ op: 'hold', name: named[i] as string, part: named[i + 1] as string }]);
    }
  }

  #assigned(): ReadonlyMap<string, number> {
    const ids = this.sessions.ids();
    return new Map(ids.map((id) => [id, this.picture.instances.get(id)?.assigned ?? 0]));
  }

  /** Reservations lapse, and tasks have waited for another agent long enough, without anybody's doing. */
  #setTimer({ due, now }: StepReply): void {
    this.#stopTimer();
    if (due === undefined) return;
    this.#stopTimer = this.#options.clock.after(Math.max(0, due - now), this.#options.onRunnable);
  }
}
