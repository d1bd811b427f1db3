import type { EntryType, History, HistoryEntry, HistoryFields, Verb } from '../support/history.js';

/** Everything that clients and agents see and say, and what befalls them, by virtual time. */
export class Trace {
  readonly entries: HistoryEntry[] = [];
  /** One line for each of the above, and for each fault. */
  readonly lines: string[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  say(who: string, what: string): void {
    this.lines.push(`${this.#now().toFixed(1).padStart(10)}  ${who.padEnd(14)}  ${what}`);
  }

  historyOf(by: string): History {
    let next = 1;
    const write = (op: number, verb: Verb, type: EntryType, fields: HistoryFields) => {
      this.entries.push({ at: this.#now(), by, op, verb, type, ...fields });
      const { body, ...shown } = fields;
      this.say(by, `${verb} ${type} ${JSON.stringify(shown)}`);
    };
    return {
      invoke(verb, fields) {
        const op = next++;
        write(op, verb, 'invoke', fields);
        const end = (type: EntryType) => (more?: HistoryFields) =>
          write(op, verb, type, { ...fields, ...more });
        return { ok: end('ok'), fail: end('fail'), unknown: end('unknown') };
      },
      saw: (verb, fields) => write(next++, verb, 'ok', fields),
      close() {},
    };
  }
}
