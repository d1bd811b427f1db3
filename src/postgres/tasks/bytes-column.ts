/**
 * Many byte strings as one parameter, cut apart by `substring` in the statement: an array
 * of bytea would be written out in hex.
 */
export interface BytesColumn {
  readonly bytes: Uint8Array;
  /** Where each begins, from 1. */
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
}

const NONE = new Uint8Array();

/** One column for each list, all of them over the same bytes. */
export function packBytes<const Lists extends readonly (readonly (Uint8Array | null | undefined)[])[]>(
  lists: Lists,
): { readonly [K in keyof Lists]: BytesColumn } {
  const total = lists.reduce((sum, list) => sum + list.reduce((s, b) => s + (b?.length ?? 0), 0), 0);
  const bytes = Buffer.allocUnsafe(total);
  let offset = 0;
  const columns = lists.map((list) => {
    const starts: number[] = [];
    const lengths: number[] = [];
    for (const item of list) {
      const part = item ?? NONE;
      bytes.set(part, offset);
      starts.push(offset + 1);
      lengths.push(part.length);
      offset += part.length;
    }
    return { bytes, starts, lengths };
  });
  return columns as { readonly [K in keyof Lists]: BytesColumn };
}
