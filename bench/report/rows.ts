/** One figure with what it should be. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** `null`: shown, not judged. */
  readonly target: Target | null;
}

export interface Target {
  readonly kind: 'at least' | 'at most';
  readonly value: number;
}

export const atLeast = (value: number): Target => ({ kind: 'at least', value });
export const atMost = (value: number): Target => ({ kind: 'at most', value });

export function row(what: string, value: number, unit: string, target: Target | null = null): Row {
  return { what, value, unit, target };
}

export function isMet({ value, target }: Row): boolean {
  if (!target) return true;
  return target.kind === 'at least' ? value >= target.value : value <= target.value;
}

export function format(value: number, unit: string): string {
  const digits = unit === '' || value >= 100 ? 0 : unit === '×' ? 2 : 1;
  const number = value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === '/s' ? `${number}/s` : `${number} ${unit}`.trim();
}
