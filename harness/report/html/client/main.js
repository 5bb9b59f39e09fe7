/** Where the page's script begins. */
import { csvOf, measurementsTable, outcomesTable, requestsTable, save } from './downloads.js';
import { chartOf } from './frame.js';
import { unpack } from './samples.js';
import { startTimeline } from './timeline.js';

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
function element(selector, type) {
  const found = document.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${selector}`);
}

function main() {
  const data = JSON.parse(element('#data', HTMLScriptElement).text);
  const samples = unpack(data.samples);
  const canvas = element('#timeline', HTMLCanvasElement);
  const timeline = startTimeline(chartOf(samples, data), {
    canvas,
    tip: element('#tip', HTMLElement),
    status: element('#timeline-range', HTMLElement),
  });
  const show = (/** @type {string | undefined} */ number) => {
    timeline.showMigration(Number(number));
    canvas.scrollIntoView({ block: 'center' });
    canvas.focus({ preventScroll: true });
  };
  onClick('[data-do]', (button) => timeline.act(button.dataset.do ?? ''));
  onClick('[data-migration]', (button) => {
    choose(button.dataset.migration ?? '');
    show(button.dataset.migration);
  });
  onClick('#waterfall-zoom', () => show(element('#waterfall-choice', HTMLSelectElement).value));
  document.querySelector('#waterfall-choice')?.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLSelectElement) choose(target.value);
  });
  /** @type {Record<string, () => import('./downloads.js').Table>} */
  const tables = {
    requests: () => requestsTable(samples, data.outcomes),
    measurements: () => measurementsTable(data.measurements),
    outcomes: () => outcomesTable(samples, data.outcomes),
  };
  onClick('[data-download]', (button) => {
    const what = button.dataset.download ?? '';
    save(`${data.name}-${what}.csv`, csvOf(tables[what]()));
  });
  document.documentElement.dataset.ready = 'yes';
}

/**
 * Shows the waterfall of one migration, where the page carries it.
 * @param {string} number
 */
function choose(number) {
  const chosen = document.getElementById(`waterfall-${number}`);
  if (chosen === null) return;
  for (const figure of document.querySelectorAll('figure.waterfall'))
    figure.toggleAttribute('hidden', figure !== chosen);
  element('#waterfall-choice', HTMLSelectElement).value = number;
}

/**
 * @param {string} selector
 * @param {(button: HTMLElement) => void} action
 */
function onClick(selector, action) {
  for (const button of document.querySelectorAll(selector)) {
    if (button instanceof HTMLElement) button.addEventListener('click', () => action(button));
  }
}

// The text above is painted first; a million requests take a moment to unpack.
requestAnimationFrame(() => setTimeout(main));
