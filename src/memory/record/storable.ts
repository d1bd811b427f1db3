/**
 * Why the record cannot hold a value: text with a NUL in it, which the other record cannot
 * store either. `null`: it can.
 */
export function unstorable(value: unknown): string | null {
  if (typeof value === 'string') return value.includes('\0') ? 'text with a NUL cannot be stored' : null;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return null;
  for (const [key, inner] of Object.entries(value)) {
    const why = unstorable(key) ?? unstorable(inner);
    if (why !== null) return why;
  }
  return null;
}
