import type { EntryType, History, HistoryEntry, HistoryFields, Verb } from '../support/history.js';

interface Happening {
  readonly at: number;
  readonly who: string;
  readonly what: string | HistoryEntry;
}

/** Everything that clients and agents see and say, and what befalls them, by virtual time. */
export class Trace {
  readonly entries: HistoryEntry[] = [];
  readonly #happened: Happening[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  say(who: string, what: string): void {
    this.#happened.push({ at: this.#now(), who, what });
  }

  /** One line for each entry, and for each fault. */
  lines(): string[] {
    return this.#happened.map(({ at, who, what }) => {
      const text = typeof what === 'string' ? what : describe(what);
      return `${at.toFixed(1).padStart(10)}  ${who.padEnd(14)}  ${text}`;
    });
  }

  historyOf(by: string): History {
    let next = 1;
    const write = (op: number, verb: Verb, type: EntryType, fields: HistoryFields) => {
      const entry = { at: this.#now(), by, op, verb, type, ...fields };
      this.entries.push(entry);
      this.#happened.push({ at: entry.at, who: by, what: entry });
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

function describe({ at, by, op, verb, type, body, ...shown }: HistoryEntry): string {
  return `${verb} ${type} ${JSON.stringify(shown)}`;
}
