/** Numbers of things, as a person writes them. */

export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** `1 cell`, `2 cells`; `many` where it is not made by an s. */
export function counted(number: number, what: string, many = `${what}s`): string {
  return `${count(number)} ${number === 1 ? what : many}`;
}
