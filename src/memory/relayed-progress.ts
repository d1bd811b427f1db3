import type { Clock } from '../ports/clock.js';
import type { ProgressNote, ProgressNotes } from '../ports/progress.js';
import type { Relay, RelayedNote } from '../ports/relay.js';

const EVERY_MS = 1_000;
/** Notes of other coordinators that are kept; the oldest go first. */
const MAX_KEPT = 100_000;
/** Notes, and ends, that one message tells of at most: their texts are up to 1,000 characters. */
const NOTES_AT_ONCE = 100;
const ENDS_AT_ONCE = 2_000;

export interface RelayedProgressOptions {
  /** The notes of what is reported here. */
  readonly own: ProgressNotes;
  readonly relay: Relay;
  readonly clock: Clock;
  /** Told of tasks whose progress was reported elsewhere. */
  readonly onProgress: (org: string, taskIds: readonly string[]) => void;
}

/** The notes of all coordinators: each tells the others of its own, at most once a second. */
export class RelayedProgress implements ProgressNotes {
  readonly #options: RelayedProgressOptions;
  readonly #elsewhere = new Map<string, ProgressNote>();
  /** Noted here and not told of yet, with their organisations. */
  readonly #noted = new Map<string, string>();
  readonly #over = new Set<string>();
  #stopTimer: (() => void) | null = null;

  constructor(options: RelayedProgressOptions) {
    this.#options = options;
    options.relay.on('progress', ({ notes, over }) => this.#hear(notes, over));
  }

  set(taskId: string, fraction: number, text: string): boolean {
    return this.#options.own.set(taskId, fraction, text);
  }

  get(taskId: string): ProgressNote | null {
    const own = this.#options.own.get(taskId);
    const other = this.#elsewhere.get(taskId);
    return own && (!other || own.updateTime >= other.updateTime) ? own : (other ?? null);
  }

  delete(taskId: string): void {
    const isKnown = this.get(taskId) !== null;
    this.#options.own.delete(taskId);
    this.#elsewhere.delete(taskId);
    this.#noted.delete(taskId);
    if (!isKnown) return;
    this.#over.add(taskId);
    this.#tellSoon();
  }

  /** To be told of tasks whose progress was kept here. */
  noted(org: string, taskIds: readonly string[]): void {
    for (const taskId of taskIds) {
      this.#noted.set(taskId, org);
      this.#over.delete(taskId);
    }
    this.#tellSoon();
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
  }

  #tellSoon(): void {
    this.#stopTimer ??= this.#options.clock.after(EVERY_MS, () => {
      this.#stopTimer = null;
      this.#tell();
    });
  }

  #tell(): void {
    const { own, relay } = this.#options;
    const notes = [...this.#noted].flatMap(([taskId, org]): RelayedNote[] => {
      const note = own.get(taskId);
      return note ? [[org, taskId, note.fraction, note.text, note.updateTime]] : [];
    });
    const over = [...this.#over];
    this.#noted.clear();
    this.#over.clear();
    for (let at = 0; at < notes.length; at += NOTES_AT_ONCE) {
      relay.send('progress', { notes: notes.slice(at, at + NOTES_AT_ONCE), over: [] });
    }
    for (let at = 0; at < over.length; at += ENDS_AT_ONCE) {
      relay.send('progress', { notes: [], over: over.slice(at, at + ENDS_AT_ONCE) });
    }
  }

  #hear(notes: readonly RelayedNote[], over: readonly string[]): void {
    for (const taskId of over) {
      this.#options.own.delete(taskId);
      this.#elsewhere.delete(taskId);
    }
    const byOrg = new Map<string, string[]>();
    for (const [org, taskId, fraction, text, updateTime] of notes) {
      this.#elsewhere.delete(taskId);
      this.#elsewhere.set(taskId, { fraction, text, updateTime });
      byOrg.set(org, [...(byOrg.get(org) ?? []), taskId]);
    }
    for (const taskId of this.#elsewhere.keys()) {
      if (this.#elsewhere.size <= MAX_KEPT) break;
      this.#elsewhere.delete(taskId);
    }
    for (const [org, taskIds] of byOrg) this.#options.onProgress(org, taskIds);
  }
}
