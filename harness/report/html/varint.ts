/** Columns of whole numbers as bytes: small numbers take one, and none takes more than eight (LEB128). */

/** Base64 of non-negative whole numbers below 2^53; anything else is a bug, for infinity would have no end. */
export function packNumbers(length: number, at: (index: number) => number): string {
  let bytes = Buffer.allocUnsafe(2 * length + LONGEST);
  let end = 0;
  for (let index = 0; index < length; index++) {
    if (bytes.length - end < LONGEST) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(bytes.length)]);
    let value = at(index);
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} cannot be packed`);
    while (value >= 0x80) {
      bytes[end++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    bytes[end++] = value;
  }
  return bytes.toString('base64', 0, end);
}

/** Whole numbers of either sign as non-negative ones: 0, −1, 1, −2 … become 0, 1, 2, 3 … */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

const LONGEST = 8;
