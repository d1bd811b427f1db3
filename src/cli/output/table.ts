import Table from 'cli-table3';
import { safeText } from './safe-text.js';
import type { Column, Scene, View } from './view.js';

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

const WIDEST_CELL = 60;

/** Aligned columns under a heading; `none` if there is nothing. */
export function table<T>(view: View<T>, items: readonly T[], scene: Scene, none: string): string {
  if (items.length === 0) return `${scene.colors.dim(none)}\n`;
  const head = view.columns.map((c) => scene.colors.bold(heading(c.title)));
  const rows = items.map((item) => view.columns.map((column) => cell(column, item, scene)));
  return `${grid([head, ...rows])}\n`;
}

/** `onError` is `ON ERROR`. */
function heading(title: string): string {
  return title.replace(/([a-z])([A-Z])/g, '$1 $2').toUpperCase();
}

/** One thing, a label and a text on each line; longer texts are indented under the label. */
export function details<T>(view: View<T>, item: T, scene: Scene): string {
  const rows =
    view.details?.(item, scene) ?? view.columns.map((c) => [c.title, cell(c, item, scene)] as const);
  const shown = rows.filter(([, text]) => text !== '');
  const width = Math.max(...shown.map(([label]) => label.length)) + 2;
  const lines = shown.map(([label, text]) => {
    const indented = text.replaceAll('\n', `\n${' '.repeat(width)}`);
    return `${scene.colors.dim(label.padEnd(width))}${indented}\n`;
  });
  return lines.join('');
}

export function cell<T>(column: Column<T>, item: T, scene: Scene): string {
  if (column.text) return column.text(item, scene);
  const value = column.value(item);
  return value === undefined ? '' : clip(safeText(String(value)));
}

/** Text that would make a table unreadable, cut. */
export function clip(text: string, widest = WIDEST_CELL): string {
  const characters = [...text];
  return characters.length > widest ? `${characters.slice(0, widest - 1).join('')}…` : text;
}

function grid(rows: readonly (readonly string[])[]): string {
  const drawn = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
