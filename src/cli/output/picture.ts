import type { Output } from '../world.js';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_LINE_END = '\u001b[K';

/** Lines on a terminal that are drawn again where they are. */
export class Picture {
  readonly #stream: Output;
  #height = 0;
  #open = true;

  constructor(stream: Output) {
    this.#stream = stream;
    stream.write(HIDE_CURSOR);
  }

  /** No line may be wider than the terminal, nor more of them than it has. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const up = this.#height > 0 ? `\u001b[${this.#height}A` : '';
    const text = lines.map((line) => `\r${line}${CLEAR_LINE_END}\n`).join('');
    this.#stream.write(`${up}${text}${CLEAR_BELOW}`);
    this.#height = lines.length;
  }

  /** Leaves the last picture, or nothing of it, and gives the cursor back. Safe to repeat. */
  stop({ erase = false }: { readonly erase?: boolean } = {}): void {
    if (!this.#open) return;
    if (erase) this.draw([]);
    this.#open = false;
    this.#stream.write(SHOW_CURSOR);
  }
}
