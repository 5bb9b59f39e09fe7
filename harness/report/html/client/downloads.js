/** The columns of the page as CSV (RFC 4180), made when they are asked for. */

/**
 * @typedef {object} Table
 * @property {string[]} names
 * @property {number} length
 * @property {(row: number) => (string | number | null)[]} row
 */

/**
 * Instants in seconds since the run's origin, durations in milliseconds.
 * @param {import('./samples.js').Samples} samples
 * @param {import('./frame.js').Outcome[]} outcomes
 * @returns {Table}
 */
export function requestsTable(samples, outcomes) {
  return {
    names: ['due_s', 'late_ms', 'latency_ms', 'outcome', 'text', 'stands_for'],
    length: samples.length,
    row: (i) => {
      const { kind, text } = outcomes[samples.outcome[i]];
      const sent = kind !== 'dropped';
      return [
        samples.due[i] / 1e6,
        sent ? samples.late[i] / 1e3 : null,
        sent ? samples.latency[i] / 1e3 : null,
        kind,
        text,
        samples.weight?.[i] ?? 1,
      ];
    },
  };
}

/**
 * @param {{ numbers: number[], columns: { name: string, unit: string, values: (number | null)[] }[] }} measurements
 * @returns {Table}
 */
export function measurementsTable({ numbers, columns }) {
  return {
    names: ['migration', ...columns.map(({ name, unit }) => `${name} (${unit})`)],
    length: numbers.length,
    row: (i) => [numbers[i], ...columns.map(({ values }) => values[i])],
  };
}

/**
 * How many requests had each outcome.
 * @param {import('./samples.js').Samples} samples
 * @param {import('./frame.js').Outcome[]} outcomes
 * @returns {Table}
 */
export function outcomesTable(samples, outcomes) {
  const counts = new Array(outcomes.length).fill(0);
  for (let i = 0; i < samples.length; i++) counts[samples.outcome[i]] += samples.weight?.[i] ?? 1;
  return {
    names: ['outcome', 'text', 'requests'],
    length: outcomes.length,
    row: (i) => [outcomes[i].kind, outcomes[i].text, counts[i]],
  };
}

/**
 * In pieces, since one text of a million rows is too much for some browsers.
 * @param {Table} table
 * @returns {string[]}
 */
export function csvOf({ names, length, row }) {
  const pieces = [`${names.map(field).join(',')}\r\n`];
  for (let start = 0; start < length; start += 10_000) {
    const lines = [];
    for (let i = start; i < Math.min(length, start + 10_000); i++)
      lines.push(`${row(i).map(field).join(',')}\r\n`);
    pieces.push(lines.join(''));
  }
  return pieces;
}

/**
 * Text is quoted; one that a spreadsheet would take for a formula gets an apostrophe in front.
 * @param {string | number | null} value
 */
function field(value) {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {string} name
 * @param {string[]} pieces
 */
export function save(name, pieces) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(pieces, { type: 'text/csv' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
