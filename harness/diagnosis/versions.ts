/** Versions of CRIU and kernels, and the ranges that known failures apply to. */

/** Versions as they are told, such as `4.2.1` and `6.18.44-cloud`; null where one is not known. */
export interface Versions {
  criu: string | null;
  kernel: string | null;
}

/** Ranges such as `>=6.16` or `>=3.14 <4.1.1`: all of its parts must hold. Without a range every version fits. */
export interface Ranges {
  criu?: string | undefined;
  kernel?: string | undefined;
}

export const RANGE = /^(?:<=|>=|<|>)\d+(?:\.\d+){0,2}(?: (?:<=|>=|<|>)\d+(?:\.\d+){0,2})*$/;

/** False only where a version is known to lie outside: what is not known may apply. */
export function mayApply(ranges: Ranges, versions: Versions): boolean {
  return fits(ranges.criu, versions.criu) && fits(ranges.kernel, versions.kernel);
}

function fits(range: string | undefined, version: string | null): boolean {
  const numbers = numbersOf(version ?? '');
  if (range === undefined || numbers === null) return true;
  return range.split(' ').every((part) => {
    const [, sign, limit] = /^(<=|>=|<|>)(.+)$/.exec(part) ?? [];
    const order = compare(numbers, numbersOf(limit ?? '') ?? []);
    switch (sign) {
      case '<':
        return order < 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      default:
        return order >= 0;
    }
  });
}

/** `4.2.1 (gitid 0)`, `v3.19-69-gabc` and `6.18.44-fc` all begin with what counts. */
function numbersOf(version: string): number[] | null {
  const found = /^v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?/.exec(version.trim());
  if (found === null) return /^\d{1,6}$/.test(version) ? [Number(version)] : null;
  return found.slice(1).map((part) => Number(part ?? 0));
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
