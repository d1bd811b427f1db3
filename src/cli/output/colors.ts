import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** Functions that color text, or leave it alone. */
export function colorsFor(enabled: boolean): Colors {
  return pc.createColors(enabled);
}
