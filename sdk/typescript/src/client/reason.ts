/**
 * Why, as it was given. A text in place of the object, which plain JavaScript lets through, would be lost in silence.
 *
 * @throws TypeError for it
 */
export function reasonOf(options: { readonly reason?: string } = {}): string {
  if (typeof options === 'string') throw new TypeError("a reason is given as { reason: '…' }, not as a text");
  return options.reason ?? '';
}
