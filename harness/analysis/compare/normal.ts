/** The upper tail of the normal distribution, also where it is tiny. */

/** P(Z > z) for z ≥ 0: by its power series below 3, above by its continued fraction (Abramowitz and Stegun 26.2.11, 26.2.14). */
export function normalUpperTail(z: number): number {
  const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
  return z < 3 ? 0.5 - density * series(z) : density / fraction(z);
}

/** z + z³/3 + z⁵/15 + … */
function series(z: number): number {
  let sum = 0;
  for (let term = z, odd = 1; term > 1e-17; odd += 2, term *= z ** 2 / odd) sum += term;
  return sum;
}

/** z + 1/(z + 2/(z + 3/(z + …))) */
function fraction(z: number): number {
  let value = z;
  for (let k = 100; k >= 1; k--) value = z + k / value;
  return value;
}
