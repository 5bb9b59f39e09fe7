/** Values as dots along a scale: quartiles as a box, the median as a line, its interval above. */
import { type Html, html, NOTHING } from './markup.ts';
import { at } from './svg.ts';

export interface Strip {
  values: readonly Dot[];
  /** Ends of the scale, which several strips may have in common. */
  from: number;
  to: number;
  median: number;
  q1: number | null;
  q3: number | null;
  medianCi95: readonly [number, number] | null;
  /** All of it in words. */
  says: string;
}

export interface Dot {
  value: number;
  text: string;
}

const WIDTH = 480;
const HEIGHT = 74;
const MARGIN = 8;
/** Dots stand on places 6 apart, one above the other, closer where many do; above the last level they share it. */
const PLACE = 6;
const LEVELS = 50;
const LEVEL_AT_MOST = 7;
const BASE = HEIGHT - 8;

export function strip({ values, from, to, q1, q3, median, medianCi95, says }: Strip): Html {
  const x = (value: number): number =>
    to > from ? MARGIN + ((value - from) / (to - from)) * (WIDTH - 2 * MARGIN) : WIDTH / 2;
  const box =
    q1 === null || q3 === null
      ? NOTHING
      : html`<rect class="box" x="${at(x(q1))}" y="12" width="${at(Math.max(1, x(q3) - x(q1)))}" height="${HEIGHT - 14}"/>`;
  const interval =
    medianCi95 === null
      ? NOTHING
      : html`<path class="interval" d="M${at(x(medianCi95[0]))} 3v6m0-3H${at(x(medianCi95[1]))}m0-3v6"/>`;
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${says}">${box}${interval}<path class="median" d="M${at(x(median))} 10V${HEIGHT}"/>${dots(values, x)}</svg>`;
}

/** At most as many dots as there are places and levels, whatever the number of values. */
function dots(values: readonly Dot[], x: (value: number) => number): Html[] {
  const stacks = new Map<number, Dot[]>();
  for (const dot of values) {
    const place = Math.round(x(dot.value) / PLACE);
    const stack = stacks.get(place);
    if (stack === undefined) stacks.set(place, [dot]);
    else stack.push(dot);
  }
  const tallest = Math.min(LEVELS, Math.max(...[...stacks.values()].map((stack) => stack.length)));
  const level = Math.min(LEVEL_AT_MOST, (BASE - 14) / Math.max(1, tallest - 1));
  return [...stacks].flatMap(([place, stack]) =>
    Array.from({ length: Math.min(LEVELS, stack.length) }, (_, index) => {
      const more = index === LEVELS - 1 ? stack.length - LEVELS : 0;
      const title = `${stack[index]?.text}${more > 0 ? ` and ${more} more here` : ''}`;
      // A dot that is alone stands where its value is.
      const cx = stack.length === 1 ? x(stack[0]?.value ?? 0) : place * PLACE;
      return html`<circle${more > 0 ? html` class="many"` : NOTHING} cx="${at(cx)}" cy="${at(BASE - index * level)}" r="3"><title>${title}</title></circle>`;
    }),
  );
}
