/** Why outputs do not become one value; the message goes behind OUTPUT_FAILED. */
export class OutputFailed extends Error {
  override readonly name = 'OutputFailed';
}
