import { MultiBar, Presets, type SingleBar } from 'cli-progress';

/** What people see while a run goes on. */
export interface Progress {
  submitted(kind: string): void;
  ended(kind: string): void;
  /** Something worth a line of its own. */
  note(text: string): void;
  stop(): void;
}

const STEPS: Readonly<Record<string, string>> = {
  'document.extract': 'extract',
  'document.summarize': 'summarize',
  'document.check-links': 'check links',
  'digest.merge-part': 'merge',
  'digest.merge-report': 'merge',
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

  submitted(kind: string): void {
    const step = STEPS[kind];
    if (step === undefined || step === 'extract') return;
    const count = this.#counts.get(step);
    if (count) count.total++;
    else this.#counts.set(step, { done: 0, total: 1 });
  }

  ended(kind: string): void {
    const count = this.#counts.get(STEPS[kind] ?? '');
    if (count) count.done++;
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
  readonly #files: number;

  constructor(out: NodeJS.WriteStream, files: number) {
    this.#files = files;
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

  submitted(kind: string): void {
    const step = STEPS[kind];
    if (step === undefined || step === 'extract') return;
    const bar = this.#bars.get(step);
    if (!bar) this.#bar(step, step === 'summarize' ? this.#files : 1);
    else if (step !== 'summarize') bar.setTotal(bar.getTotal() + 1);
  }

  ended(kind: string): void {
    this.#bars.get(STEPS[kind] ?? '')?.increment();
  }

  note(text: string): void {
    this.#multi.log(`${text}\n`);
  }

  stop(): void {
    this.#multi.stop();
  }

  #bar(step: string, total: number): void {
    this.#bars.set(step, this.#multi.create(total, 0, { step: step.padEnd(11) }));
  }
}
