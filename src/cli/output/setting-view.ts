import { safeText } from './safe-text.js';
import { clip } from './table.js';
import type { View } from './view.js';

/** A setting as it is in force. */
export interface SettingRow {
  readonly name: string;
  /** Durations as text with their unit, URLs without passwords. */
  readonly value: string | number | boolean | readonly string[];
  readonly source: 'flag' | 'environment' | 'file' | 'default';
  /** Flag, variable, or file, line and column; empty for a default. */
  readonly origin: string;
  /** The value as a person would write it. */
  readonly written: string;
  readonly default: string;
  readonly env: string;
  readonly accepted: string;
  readonly doc: string;
}

export const SETTING_VIEW: View<SettingRow> = {
  id: ({ name }) => name,
  version: ({ written, source, origin }) => [written, source, origin].join(' '),
  columns: [
    { title: 'name', value: ({ name }) => name },
    {
      title: 'value',
      value: ({ written }) => written,
      text: ({ written, source }, { colors }) => {
        const shown = clip(safeText(written));
        return source === 'default' ? shown : colors.bold(shown);
      },
    },
    { title: 'source', value: ({ source }) => source },
    { title: 'origin', value: ({ origin }) => origin },
    { title: 'meaning', value: ({ doc }) => doc, text: ({ doc }, { colors }) => colors.dim(doc) },
  ],
};
