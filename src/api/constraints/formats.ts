import { StringFormat } from '@reeve/sdk/protocol';

interface Format {
  readonly expression: RegExp;
  /** What matches has no NUL and no half of a surrogate pair. */
  readonly isStorable: boolean;
  /** Completes the sentence "must be …". */
  readonly description: string;
}

const NAME: Format = {
  expression: /^[A-Za-z0-9][A-Za-z0-9._\-/:@+]*$/,
  isStorable: true,
  description: 'a name: letters, digits and . _ - / : @ +, starting with a letter or digit',
};

const FORMATS: ReadonlyMap<StringFormat, Format> = new Map([
  [
    StringFormat.UUID,
    {
      expression: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
      isStorable: true,
      description: 'a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057',
    },
  ],
  [StringFormat.NAME, NAME],
  [
    StringFormat.TEXT,
    { expression: /^[\P{Cc}\t\n\r]*$/u, isStorable: false, description: 'text without control characters' },
  ],
  [
    StringFormat.MEDIA_TYPE,
    {
      expression:
        /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*(?:\s*;\s*[A-Za-z0-9!#$&^_.+-]+=(?:[A-Za-z0-9!#$&^_.+-]+|"[^"\\\p{Cc}]*"))*$/u,
      isStorable: false,
      description: 'a media type such as application/json',
    },
  ],
]);

/** The format of a number from the protos; `undefined` for none. */
export function formatOf(format: StringFormat): Format | undefined {
  return FORMATS.get(format);
}

/** Whether `text` is a name in the sense of STRING_FORMAT_NAME, of at most `maxLength` characters. */
export function isName(text: string, maxLength: number): boolean {
  return text.length <= maxLength && NAME.expression.test(text);
}
