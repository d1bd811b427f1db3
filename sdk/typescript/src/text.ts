/** Control characters other than tab and line breaks, which the server's texts may not hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Makes any string a text that the server takes. */
export function plainText(text: unknown, maxLength: number): string {
  return String(text).slice(0, maxLength).replace(CONTROL, ' ');
}
