/** Holm's correction for many comparisons (S. Holm, A simple sequentially rejective multiple test procedure, 1979). */

/** The p values adjusted, in the order in which they were given: those below α are false by chance with α at most. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number));
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * (values[index] as number)));
    adjusted[index] = largest;
  });
  return adjusted;
}
