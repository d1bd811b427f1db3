import type { Channel } from './channel.js';
import { csvHead, csvRow } from './csv.js';
import type { Format } from './format.js';
import { json, jsonLine } from './json.js';
import { safeText } from './safe-text.js';
import { cell, details, table } from './table.js';
import type { Scene, View } from './view.js';
import { yaml } from './yaml.js';

const CLEAR_SCREEN = '\u001b[H\u001b[2J\u001b[3J';

/** Writes data on standard output in the format that was asked for. */
export class Printer {
  readonly format: Format;
  /** Whether people see it as it comes, on a screen that can be redrawn. */
  readonly live: boolean;
  readonly #channel: Channel;
  readonly #scene: () => Scene;
  #lines = 0;

  constructor(channel: Channel, format: Format, scene: () => Scene) {
    this.#channel = channel;
    this.format = format;
    this.live = format === 'table' && channel.stream.isTTY === true;
    this.#scene = scene;
  }

  get scene(): Scene {
    return this.#scene();
  }

  /** Text as it is; for what is data but not a thing, such as a script. */
  text(text: string): Promise<void> {
    return this.#channel.write(text);
  }

  /** One thing: an object where a list would be an array. */
  async one<T>(view: View<T>, item: T): Promise<void> {
    switch (this.format) {
      case 'table':
        return this.text(details(view, item, this.scene));
      case 'json':
        return this.text(`${json(item)}\n`);
      case 'yaml':
        return this.text(yaml(item));
      default:
        return this.many(view, [item], '');
    }
  }

  /** A list; `none` is what people read when it is empty. */
  async many<T>(view: View<T>, items: readonly T[], none: string): Promise<void> {
    switch (this.format) {
      case 'table':
        return this.text(table(view, items, this.scene, none));
      case 'json':
        return this.text(items.length === 0 ? '[]\n' : `${json(items)}\n`);
      case 'yaml':
        return this.text(yaml(items));
      case 'csv':
        return this.text(csvHead(view) + items.map((item) => csvRow(view, item)).join(''));
      case 'jsonl':
        return this.text(items.map((item) => `${jsonLine(item)}\n`).join(''));
      case 'name':
        return this.text(items.map((item) => `${safeText(view.id(item))}\n`).join(''));
    }
  }

  /** One thing as it is now, of a sequence that goes on: a line, or a document. */
  async next<T>(view: View<T>, item: T): Promise<void> {
    const isFirst = this.#lines++ === 0;
    switch (this.format) {
      case 'table': {
        const texts = view.columns.map((column) => cell(column, item, this.scene));
        return this.text(`${texts.filter((t) => t !== '').join('  ')}\n`);
      }
      case 'json':
        return this.text(`${jsonLine(item)}\n`);
      case 'yaml':
        return this.text(`---\n${yaml(item)}`);
      case 'csv':
        return this.text((isFirst ? csvHead(view) : '') + csvRow(view, item));
      default:
        return this.many(view, [item], '');
    }
  }

  /** Text as it is, on a cleared screen. Only if `live`. */
  redrawText(text: string): Promise<void> {
    return this.text(CLEAR_SCREEN + text);
  }

  /** Everything anew, on a cleared screen. Only if `live`. */
  redrawMany<T>(view: View<T>, items: readonly T[], none: string): Promise<void> {
    return this.text(CLEAR_SCREEN + table(view, items, this.scene, none));
  }

  /** The same for one thing. */
  redrawOne<T>(view: View<T>, item: T): Promise<void> {
    return this.text(CLEAR_SCREEN + details(view, item, this.scene));
  }
}
