// C0 and C1 controls, DEL, line and paragraph separators, and what reorders or hides text.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/** Whether `text` holds a character that could change what a terminal shows around it. */
export function isUnsafe(text: string): boolean {
  return text.search(UNSAFE) >= 0;
}

/**
 * Text of a server, made harmless for a terminal: whatever agents and submitters wrote can
 * neither move the cursor nor color, hide or reorder anything. Line breaks and tabs become
 * spaces; the rest is shown as `\u001b`.
 */
export function safeText(text: string): string {
  return text.replace(/\r\n|[\n\r\t]/g, ' ').replace(UNSAFE, escaped);
}

/** The same, but lines stay lines and tabs become two spaces. */
export function safeLines(text: string): string {
  return text
    .split(/\r\n|\n/)
    .map((line) => line.replaceAll('\t', '  ').replace(UNSAFE, escaped))
    .join('\n');
}

/** JSON or double-quoted YAML, in which every such character is escaped without loss. */
export function safeQuoted(document: string): string {
  return document.replace(UNSAFE, (c) => (c === '\n' ? c : escaped(c)));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
