/** The timeline under the hands of a person: wheel, drag, fingers, keys and buttons. */
import { draw, frameOf, placeOf } from './draw.js';
import { clamped, panned, zoomed } from './range.js';
import { firstDue } from './samples.js';
import { durationText } from './scale.js';

/**
 * @typedef {import('./draw.js').Chart} Chart
 * @typedef {import('./range.js').Range} Range
 *
 * @typedef {object} Timeline
 * @property {(number: number) => void} showMigration
 * @property {(what: string) => void} act
 */

/** How near the pointer must be to a request to mean it, in CSS pixels. */
const REACH = 12;
const STATUS_AFTER_MS = 250;

/**
 * @param {Chart} chart
 * @param {{ canvas: HTMLCanvasElement, tip: HTMLElement, status: HTMLElement }} elements
 * @returns {Timeline}
 */
export function startTimeline(chart, { canvas, tip, status }) {
  const { samples } = chart;
  const whole = wholeOf(chart);
  let range = whole;
  let selected = -1;
  let frame = frameOf(600, 400, chart.lanes);
  let pending = false;
  let statusTimer = 0;

  const redraw = () => {
    pending = false;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const { clientWidth: width, clientHeight: height } = canvas;
    if (width === 0) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    frame = frameOf(width, height, chart.lanes);
    const context = canvas.getContext('2d');
    if (context === null) return;
    context.scale(ratio, ratio);
    draw(context, chart, frame, { range, selected, colours: coloursOf(canvas), ratio });
    showTip();
  };
  const refresh = () => {
    if (!pending) requestAnimationFrame(redraw);
    pending = true;
    clearTimeout(statusTimer);
    statusTimer = window.setTimeout(() => {
      status.textContent = selected >= 0 ? describe(chart, selected) : summary(chart, range);
    }, STATUS_AFTER_MS);
  };
  const look = (/** @type {Range} */ next) => {
    range = next;
    refresh();
  };
  const select = (/** @type {number} */ index) => {
    selected = index;
    if (index >= 0) {
      const due = samples.due[index];
      const half = (range.to - range.from) / 2;
      if (due < range.from || due > range.to) range = clamped({ from: due - half, to: due + half }, whole);
    }
    refresh();
  };
  const showTip = () => {
    tip.hidden = selected < 0;
    if (selected < 0) return;
    tip.textContent = describe(chart, selected);
    const { x, y } = placeOf(chart, frame, range, selected);
    tip.style.left = `${Math.max(0, Math.min(x + 12, frame.width - tip.offsetWidth - 4))}px`;
    tip.style.top = `${y + 14 + tip.offsetHeight > frame.height ? y - 14 - tip.offsetHeight : y + 14}px`;
  };
  const showBand = (/** @type {import('./draw.js').Band | undefined} */ band) => {
    if (band === undefined) return;
    selected = -1;
    const margin = (band.whole[1] - band.whole[0]) * 0.4;
    look(clamped({ from: band.whole[0] - margin, to: band.whole[1] + margin }, whole));
  };
  const middle = () => (range.from + range.to) / 2;
  const isLost = (/** @type {number} */ index) => chart.outcomes[samples.outcome[index]].kind !== 'answered';
  const nextLost = () => {
    const start = selected >= 0 ? selected + 1 : firstDue(samples, range.from);
    for (let i = 0; i < samples.length; i++) {
      const index = (start + i) % samples.length;
      if (isLost(index)) return select(index);
    }
  };
  /** @type {Record<string, () => void>} */
  const actions = {
    in: () => look(zoomed(range, 0.5, selected >= 0 ? samples.due[selected] : middle(), whole)),
    out: () => look(zoomed(range, 2, selected >= 0 ? samples.due[selected] : middle(), whole)),
    left: () => look(panned(range, -0.25, whole)),
    right: () => look(panned(range, 0.25, whole)),
    previous: () => showBand(chart.bands.findLast(({ whole: [from, to] }) => (from + to) / 2 < middle() - 1)),
    next: () =>
      showBand(
        chart.bands.find(({ whole: [from, to] }) => (from + to) / 2 > middle() + 1) ?? chart.bands.at(-1),
      ),
    lost: nextLost,
    before: () => select(Math.max(0, (selected >= 0 ? selected : firstDue(samples, middle())) - 1)),
    after: () =>
      select(Math.min(samples.length - 1, selected >= 0 ? selected + 1 : firstDue(samples, middle()))),
    none: () => select(-1),
    all: () => {
      selected = -1;
      look(whole);
    },
  };
  const act = (/** @type {string} */ what) => {
    if (samples.length > 0 || !['lost', 'before', 'after'].includes(what)) actions[what]?.();
  };
  listen(canvas, {
    act,
    zoom: (factor, x) => look(zoomed(range, factor, usAt(x), whole)),
    pan: (pixels) => look(panned(range, -pixels / (frame.right - frame.left), whole)),
    point: (x, y) => select(nearest(chart, frame, range, x, y, usAt)),
    isWhole: () => range.to - range.from >= whole.to - whole.from,
  });
  const usAt = (/** @type {number} */ x) =>
    range.from + ((x - frame.left) / (frame.right - frame.left)) * (range.to - range.from);
  new ResizeObserver(refresh).observe(canvas);
  for (const query of ['(prefers-color-scheme: dark)', 'print']) {
    window.matchMedia(query).addEventListener('change', redraw);
  }
  refresh();
  return { act, showMigration: (number) => showBand(chart.bands.find((band) => band.number === number)) };
}

const KEYS = new Map([
  ['ArrowLeft', 'left'],
  ['ArrowRight', 'right'],
  ['+', 'in'],
  ['=', 'in'],
  ['-', 'out'],
  [',', 'before'],
  ['.', 'after'],
  ['[', 'previous'],
  [']', 'next'],
  ['l', 'lost'],
  ['L', 'lost'],
  ['Home', 'all'],
  ['Escape', 'none'],
]);

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} hands
 * @param {(what: string) => void} hands.act
 * @param {(factor: number, x: number) => void} hands.zoom
 * @param {(pixels: number) => void} hands.pan
 * @param {(x: number, y: number) => void} hands.point
 * @param {() => boolean} hands.isWhole
 */
function listen(canvas, { act, zoom, pan, point, isWhole }) {
  /** @type {Map<number, { x: number }>} */
  const fingers = new Map();
  canvas.addEventListener('keydown', (event) => {
    const what = KEYS.get(event.key);
    if (what === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(what);
  });
  canvas.addEventListener(
    'wheel',
    (event) => {
      // A page that is scrolled past the timeline must not be caught by it.
      const meant = event.ctrlKey || document.activeElement === canvas;
      if (!meant || (event.deltaY > 0 && isWhole())) return;
      event.preventDefault();
      const turned = Math.max(-200, Math.min(200, event.deltaY * (event.deltaMode === 0 ? 1 : 30)));
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
        pan(-(event.deltaX || event.deltaY));
      else zoom(1.0025 ** turned, event.offsetX);
    },
    { passive: false },
  );
  canvas.addEventListener('pointerdown', (event) => {
    fingers.set(event.pointerId, { x: event.offsetX });
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    const finger = fingers.get(event.pointerId);
    if (finger === undefined) return point(event.offsetX, event.offsetY);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) pan(event.offsetX - finger.x);
    else zoom(spread(finger.x, other.x) / spread(event.offsetX, other.x), other.x);
    finger.x = event.offsetX;
  });
  for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener('click', (event) => point(event.offsetX, event.offsetY));
  canvas.addEventListener('pointerleave', (event) => {
    if (event.pointerType === 'mouse' && document.activeElement !== canvas) act('none');
  });
}

/**
 * @param {number} a
 * @param {number} b
 */
function spread(a, b) {
  return Math.max(10, Math.abs(a - b));
}

/**
 * The entry that the pointer means; −1 where none is near.
 * @param {Chart} chart
 * @param {import('./draw.js').Frame} frame
 * @param {Range} range
 * @param {number} x
 * @param {number} y
 * @param {(x: number) => number} usAt
 */
function nearest(chart, frame, range, x, y, usAt) {
  const end = firstDue(chart.samples, usAt(x + REACH));
  let best = -1;
  let least = REACH ** 2;
  for (let i = firstDue(chart.samples, usAt(x - REACH)); i < end; i++) {
    const place = placeOf(chart, frame, range, i);
    const distance = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/**
 * All requests and all migrations, with a little room.
 * @param {Chart} chart
 * @returns {Range}
 */
function wholeOf({ samples, bands }) {
  const ends = bands.flatMap(({ whole }) => whole);
  if (samples.length > 0) ends.push(samples.due[0], samples.due[samples.length - 1]);
  if (ends.length === 0) return { from: 0, to: 1_000_000 };
  const from = ends.reduce((least, us) => Math.min(least, us));
  const to = ends.reduce((most, us) => Math.max(most, us));
  const room = Math.max(1_000, (to - from) * 0.01);
  return { from: from - room, to: to + room };
}

/**
 * One request in words.
 * @param {Chart} chart
 * @param {number} index
 */
function describe({ samples, outcomes, bands }, index) {
  const { kind, text } = outcomes[samples.outcome[index]];
  const [due, latency, late] = [samples.due[index], samples.latency[index], samples.late[index]];
  const band = bands.find(({ whole: [from, to] }) => from <= due && due <= to);
  const weight = samples.weight?.[index] ?? 1;
  const parts = [`due ${(due / 1_000_000).toFixed(6)} s`];
  if (kind !== 'dropped') parts.push(`sent ${late < 0 ? '−' : '+'}${durationText(Math.abs(late))}`);
  if (kind === 'answered') parts.push(`answered by ${text} after ${durationText(latency)}`);
  else if (kind === 'dropped') parts.push('not sent: too many were in flight');
  else parts.push(`${text}, after ${durationText(latency)}`);
  if (weight > 1) parts.push(`the slowest of ${weight} such requests in a row`);
  if (band !== undefined) parts.push(`during ${band.label}`);
  return parts.join(' · ');
}

/**
 * What is in sight, in words.
 * @param {Chart} chart
 * @param {Range} range
 */
function summary({ samples, outcomes, lanes, bands }, range) {
  const counts = new Array(lanes.length).fill(0);
  const end = firstDue(samples, range.to + 1);
  for (let i = firstDue(samples, range.from); i < end; i++) {
    counts[outcomes[samples.outcome[i]].lane] += samples.weight?.[i] ?? 1;
  }
  const seen = bands.filter(({ whole: [from, to] }) => to >= range.from && from <= range.to);
  const told = lanes.flatMap(({ label }, lane) =>
    counts[lane] === 0 ? [] : [`${label} ${counts[lane].toLocaleString('en-US')}`],
  );
  const migrations = seen.length === 1 ? seen[0].label : `${seen.length} migrations`;
  const decimals = range.to - range.from < 1_000_000 ? 4 : 2;
  const [from, to] = [range.from, range.to].map((us) => (us / 1_000_000).toFixed(decimals));
  return `${from} s to ${to} s: ${migrations}; requests: ${told.join(', ') || 'none'}`;
}

/**
 * @param {Element} element
 * @returns {import('./draw.js').Colours}
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
