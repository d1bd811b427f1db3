import type { Colors } from './colors.js';

/** What a column needs to know to write a cell. */
export interface Scene {
  /** Ms since the epoch. */
  readonly now: number;
  readonly colors: Colors;
}

export interface Column<T> {
  /** Lower case, as CSV has it; tables show it in capitals. */
  readonly title: string;
  /** The value as a program wants it. */
  readonly value: (item: T) => string | number | boolean | undefined;
  /** What people see instead; already safe for a terminal. */
  readonly text?: (item: T, scene: Scene) => string;
}

/** How one kind of thing is shown; the formats do the rest. */
export interface View<T> {
  readonly id: (item: T) => string;
  /** Changes whenever the thing does. */
  readonly version: (item: T) => string;
  readonly columns: readonly Column<T>[];
  /** One thing for people: labels and texts, safe for a terminal; empty ones are left out. */
  readonly details?: (item: T, scene: Scene) => readonly (readonly [string, string])[];
}
