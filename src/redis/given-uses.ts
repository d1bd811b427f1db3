/** So many are remembered: what lapses is never asked for. */
const MAX_KEPT = 10_000;

/** What reservations count for, by their ids, as Redis told: should it lose that, their confirmations tell it anew. */
export class GivenUses {
  readonly #byReservation = new Map<string, string>();

  keep(reservationId: string, use: string): void {
    const [oldest] = this.#byReservation.keys();
    if (this.#byReservation.size >= MAX_KEPT && oldest !== undefined) this.#byReservation.delete(oldest);
    this.#byReservation.set(reservationId, use);
  }

  /** @returns '': it counts for nothing */
  take(reservationId: string): string {
    const use = this.#byReservation.get(reservationId) ?? '';
    this.#byReservation.delete(reservationId);
    return use;
  }
}
