import type { Output } from '../world.js';

/** The reader of standard output has gone: `reeve task list | head -1`. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** Writes no faster than the reader reads, and notices when the reader has gone. */
export class Channel {
  readonly stream: Output;
  #closed = false;
  #onClosed: () => void = () => {};
  /** Rejects with `OutputClosed`; never resolves. */
  readonly gone: Promise<never>;

  constructor(stream: Output) {
    this.stream = stream;
    this.gone = new Promise((_resolve, reject) => {
      this.#onClosed = () => reject(new OutputClosed('the reader has gone'));
    });
    this.gone.catch(() => {});
    for (const event of ['error', 'close'] as const) {
      stream.on(event, () => {
        this.#closed = true;
        this.#onClosed();
      });
    }
  }

  async write(text: string): Promise<void> {
    if (this.#closed) return this.gone;
    if (text === '' || this.stream.write(text)) return;
    let resume = () => {};
    const drained = new Promise<void>((resolve) => {
      resume = resolve;
    });
    this.stream.once('drain', resume);
    await Promise.race([drained, this.gone]);
  }
}
