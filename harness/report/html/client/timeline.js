/** The timeline: which stretch of it is looked at, which request is meant, and what each action does to that. */
import { draw } from './draw.js';
import { frameOf, placeOf, wholeOf } from './frame.js';
import { listen } from './hands.js';
import { clamped, panned, zoomed } from './range.js';
import { firstDue } from './samples.js';
import { describe, summary } from './words.js';

/**
 * @typedef {import('./frame.js').Chart} Chart
 * @typedef {import('./frame.js').Band} Band
 * @typedef {import('./range.js').Range} Range
 *
 * @typedef {object} View what is seen now
 * @property {Chart} chart
 * @property {Range} whole
 * @property {Range} range
 * @property {number} selected entry of the samples; -1: none
 * @property {import('./frame.js').Frame} frame
 *
 * @typedef {object} Elements
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} tip
 * @property {HTMLElement} status
 *
 * @typedef {object} Timeline
 * @property {(number: number) => void} showMigration
 * @property {(what: string) => void} act
 * @property {(chart: Chart) => void} update the same run, with more in it: what is looked at stays
 */

/** How near the pointer must be to a request to mean it, in CSS pixels. */
const REACH = 12;
/** Whoever listens is told when it is quiet, not at each turn of the wheel. */
const STATUS_AFTER_MS = 250;

/**
 * @param {Chart} chart
 * @param {Elements} elements
 * @returns {Timeline}
 */
export function startTimeline(chart, elements) {
  const { canvas } = elements;
  const whole = wholeOf(chart);
  /** @type {View} */
  const view = { chart, whole, range: whole, selected: -1, frame: frameOf(600, 400, chart.lanes) };
  const refresh = refresher(view, elements);
  const actions = actionsOf(view);
  const act = (/** @type {string} */ what) => {
    actions[what]?.();
    refresh();
  };
  listen(canvas, {
    act,
    zoom(factor, x) {
      view.range = zoomed(view.range, factor, usAt(view, x), view.whole);
      refresh();
    },
    pan(pixels) {
      view.range = panned(view.range, -pixels / (view.frame.right - view.frame.left), view.whole);
      refresh();
    },
    point(x, y) {
      view.selected = nearest(view, x, y);
      refresh();
    },
    isWhole: () => isWhole(view),
  });
  new ResizeObserver(refresh).observe(canvas);
  for (const query of ['(prefers-color-scheme: dark)', 'print']) {
    // At once: what is printed is what is drawn when this returns.
    window.matchMedia(query).addEventListener('change', () => paint(view, elements));
  }
  refresh();
  return {
    act,
    showMigration(number) {
      showBand(
        view,
        view.chart.bands.find((band) => band.number === number),
      );
      refresh();
    },
    update(newer) {
      const seen = view.selected >= 0 ? view.chart.samples.due[view.selected] : null;
      const all = isWhole(view);
      Object.assign(view, { chart: newer, whole: wholeOf(newer) });
      view.range = all ? view.whole : clamped(view.range, view.whole);
      // What came since may have been due before the request that is meant.
      if (seen !== null) view.selected = firstDue(newer.samples, seen);
      refresh();
    },
  };
}

/**
 * Paints once for all that happens before the next frame, and says later what is seen.
 * @param {View} view
 * @param {Elements} elements
 */
function refresher(view, elements) {
  let pending = false;
  let timer = 0;
  return () => {
    if (!pending) {
      requestAnimationFrame(() => {
        pending = false;
        paint(view, elements);
      });
    }
    pending = true;
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      const { chart, selected, range } = view;
      elements.status.textContent = selected >= 0 ? describe(chart, selected) : summary(chart, range);
    }, STATUS_AFTER_MS);
  };
}

/**
 * @param {View} view
 * @param {Elements} elements
 */
function paint(view, { canvas, tip }) {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext('2d');
  if (width === 0 || context === null) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const { chart, range, selected } = view;
  view.frame = frameOf(width, height, chart.lanes);
  context.scale(ratio, ratio);
  draw({ context, chart, frame: view.frame, range, selected, colours: coloursOf(canvas), ratio });
  tip.hidden = selected < 0;
  if (selected >= 0) placeTip(view, tip);
}

/**
 * @param {View} view
 * @param {HTMLElement} tip
 */
function placeTip({ chart, frame, range, selected }, tip) {
  tip.textContent = describe(chart, selected);
  const { x, y } = placeOf(chart, frame, range, selected);
  tip.style.left = `${Math.max(0, Math.min(x + 12, frame.width - tip.offsetWidth - 4))}px`;
  tip.style.top = `${y + 14 + tip.offsetHeight > frame.height ? y - 14 - tip.offsetHeight : y + 14}px`;
}

/**
 * What keys and buttons do, by name.
 * @param {View} view
 * @returns {Record<string, () => void>}
 */
function actionsOf(view) {
  const middle = () => centreOf(view.range);
  const focus = () => (view.selected >= 0 ? view.chart.samples.due[view.selected] : middle());
  const place = () => (view.selected >= 0 ? view.selected : firstDue(view.chart.samples, middle()));
  return {
    in: () => (view.range = zoomed(view.range, 0.5, focus(), view.whole)),
    out: () => (view.range = zoomed(view.range, 2, focus(), view.whole)),
    left: () => (view.range = panned(view.range, -0.25, view.whole)),
    right: () => (view.range = panned(view.range, 0.25, view.whole)),
    next: () => showBand(view, bandAfter(view)),
    previous: () => showBand(view, bandBefore(view)),
    lost: () => select(view, nextLost(view)),
    before: () => select(view, Math.max(0, place() - 1)),
    after: () => select(view, place() + (view.selected >= 0 ? 1 : 0)),
    none: () => (view.selected = -1),
    all: () => Object.assign(view, { selected: -1, range: view.whole }),
  };
}

/**
 * From the whole run, the next migration is the first, and the one before is the last.
 * @param {View} view
 */
function bandAfter(view) {
  const { bands } = view.chart;
  return isWhole(view) ? bands[0] : bands.find((band) => centreOf(band.whole) > centreOf(view.range) + 1);
}

/** @param {View} view */
function bandBefore(view) {
  const { bands } = view.chart;
  if (isWhole(view)) return bands.at(-1);
  return bands.findLast((band) => centreOf(band.whole) < centreOf(view.range) - 1);
}

/** @param {Range | [number, number]} stretch */
function centreOf(stretch) {
  const [from, to] = Array.isArray(stretch) ? stretch : [stretch.from, stretch.to];
  return (from + to) / 2;
}

/**
 * Means a request, and brings it into sight.
 * @param {View} view
 * @param {number} index
 */
function select(view, index) {
  const { samples } = view.chart;
  if (samples.length === 0 || index < 0) return;
  view.selected = Math.min(index, samples.length - 1);
  const due = samples.due[view.selected];
  const half = (view.range.to - view.range.from) / 2;
  if (due >= view.range.from && due <= view.range.to) return;
  view.range = clamped({ from: due - half, to: due + half }, view.whole);
}

/**
 * @param {View} view
 * @param {Band | undefined} band
 */
function showBand(view, band) {
  if (band === undefined) return;
  const margin = (band.whole[1] - band.whole[0]) * 0.4;
  view.selected = -1;
  view.range = clamped({ from: band.whole[0] - margin, to: band.whole[1] + margin }, view.whole);
}

/**
 * The next request without an answer, round and round; -1 where there is none.
 * @param {View} view
 */
function nextLost({ chart: { samples, outcomes }, selected, range }) {
  const start = selected >= 0 ? selected + 1 : firstDue(samples, range.from);
  for (let i = 0; i < samples.length; i++) {
    const index = (start + i) % samples.length;
    if (outcomes[samples.outcome[index]].kind !== 'answered') return index;
  }
  return -1;
}

/** @param {View} view */
function isWhole({ range, whole }) {
  return range.to - range.from >= whole.to - whole.from;
}

/**
 * @param {View} view
 * @param {number} x
 */
function usAt({ range, frame }, x) {
  return range.from + ((x - frame.left) / (frame.right - frame.left)) * (range.to - range.from);
}

/**
 * The entry that the pointer means; -1 where none is near.
 * @param {View} view
 * @param {number} x
 * @param {number} y
 */
function nearest(view, x, y) {
  const { chart, frame, range } = view;
  const end = firstDue(chart.samples, usAt(view, x + REACH));
  let best = -1;
  let least = REACH ** 2;
  for (let i = firstDue(chart.samples, usAt(view, x - REACH)); i < end; i++) {
    const place = placeOf(chart, frame, range, i);
    const distance = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/**
 * @param {Element} element
 * @returns {import('./frame.js').Colours}
 */
function coloursOf(element) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  const [ink, muted, line, band, frozen, lost] = ['ink', 'muted', 'line', 'band', 'frozen', 'lost'].map(
    colour,
  );
  return {
    ink,
    muted,
    line,
    band,
    frozen,
    lost,
    hosts: [0, 1, 2, 3, 4, 5, 6].map((host) => colour(`h${host}`)),
  };
}
