import { MultiBar, Presets, type SingleBar } from 'cli-progress';

/** What people see while a run goes on. */
export interface Progress {
  /** How many tasks have ended of those that the workflow's task of this id has become. */
  shows(task: string, done: number, total: number): void;
  /** Something worth a line of its own. */
  note(text: string): void;
  stop(): void;
}

const STEPS: Readonly<Record<string, string>> = {
  extract: 'extract',
  summarize: 'summarize',
  'check-links': 'check links',
  part: 'merge',
  report: 'report',
};
const PLAIN_INTERVAL_MS = 2000;

/** Bars on a terminal, a line every two seconds elsewhere. */
export function createProgress(out: NodeJS.WriteStream, files: number): Progress {
  return out.isTTY ? new Bars(out, files) : new Lines(out, files);
}

interface Count {
  done: number;
  total: number;
}

class Lines implements Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #counts: Map<string, Count>;
  readonly #timer: NodeJS.Timeout;
  #last = '';

  constructor(out: NodeJS.WriteStream, files: number) {
    this.#out = out;
    this.#counts = new Map([['extract', { done: 0, total: files }]]);
    this.#timer = setInterval(() => this.#print(), PLAIN_INTERVAL_MS);
    this.#timer.unref();
  }

  shows(task: string, done: number, total: number): void {
    const step = STEPS[task];
    if (step !== undefined && total > 0) this.#counts.set(step, { done, total });
  }

  note(text: string): void {
    this.#out.write(`${text}\n`);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#print();
  }

  #print(): void {
    const line = [...this.#counts].map(([step, { done, total }]) => `${step} ${done}/${total}`).join(' · ');
    if (line !== this.#last) this.#out.write(`${line}\n`);
    this.#last = line;
  }
}

class Bars implements Progress {
  readonly #multi: MultiBar;
  readonly #bars = new Map<string, SingleBar>();

  constructor(out: NodeJS.WriteStream, files: number) {
    this.#multi = new MultiBar(
      {
        stream: out,
        format: '{step} {bar} {value}/{total}',
        barsize: 40,
        hideCursor: true,
        // So that the last lines of it stand when it stops.
        clearOnComplete: false,
        autopadding: true,
        fps: 10,
      },
      Presets.shades_classic,
    );
    this.#bar('extract', files);
  }

  shows(task: string, done: number, total: number): void {
    const step = STEPS[task];
    if (step === undefined || total === 0) return;
    const bar = this.#bars.get(step) ?? this.#bar(step, total);
    if (bar.getTotal() !== total) bar.setTotal(total);
    bar.update(done);
  }

  note(text: string): void {
    this.#multi.log(`${text}\n`);
  }

  stop(): void {
    this.#multi.stop();
  }

  #bar(step: string, total: number): SingleBar {
    const bar = this.#multi.create(total, 0, { step: step.padEnd(11) });
    this.#bars.set(step, bar);
    return bar;
  }
}
