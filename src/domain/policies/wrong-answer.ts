/** A policy has answered what its kind does not take: WRONG_RESULT. The message goes on after "the answer". */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}
