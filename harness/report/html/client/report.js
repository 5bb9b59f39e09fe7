/** What the page does once it is there: the timeline, the buttons, the choice of a waterfall, the downloads. */
import { csvOf, measurementsTable, outcomesTable, requestsTable, save } from './downloads.js';
import { chartOf } from './frame.js';
import { unpack } from './samples.js';
import { startTimeline } from './timeline.js';

/**
 * @typedef {object} Report
 * @property {any} data what the page carries; whoever changes it or the samples says so by `refresh`
 * @property {import('./samples.js').Samples} samples
 * @property {() => void} refresh
 * @property {(number: string) => void} choose shows the waterfall of one migration, where the page carries it
 */

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

/** @returns {Report} */
export function startReport() {
  const data = JSON.parse(element('#data', HTMLScriptElement).text);
  const canvas = element('#timeline', HTMLCanvasElement);
  const samples = unpack(data.samples);
  const timeline = startTimeline(chartOf(samples, data), {
    canvas,
    tip: element('#tip', HTMLElement),
    status: element('#timeline-range', HTMLElement),
  });
  /** @type {Report} */
  const report = {
    data,
    samples,
    refresh: () => timeline.update(chartOf(report.samples, report.data)),
    choose,
  };
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
  document.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLSelectElement && target.id === 'waterfall-choice') choose(target.value);
  });
  /** @type {Record<string, () => import('./downloads.js').Table>} */
  const tables = {
    requests: () => requestsTable(report.samples, report.data.outcomes),
    measurements: () => measurementsTable(report.data.measurements),
    outcomes: () => outcomesTable(report.samples, report.data.outcomes),
  };
  onClick('[data-download]', (button) => {
    const what = button.dataset.download ?? '';
    save(`${report.data.name}-${what}.csv`, csvOf(tables[what]()));
  });
  return report;
}

/** @param {string} number */
function choose(number) {
  const chosen = document.getElementById(`waterfall-${number}`);
  if (chosen === null) return;
  for (const figure of document.querySelectorAll('figure.waterfall'))
    figure.toggleAttribute('hidden', figure !== chosen);
  const choice = element('#waterfall-choice', HTMLSelectElement);
  choice.value = number;
  choice.dataset.chosen = 'yes';
}

/**
 * Also of buttons that come later.
 * @param {string} selector
 * @param {(button: HTMLElement) => void} action
 */
function onClick(selector, action) {
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest(selector) : null;
    if (button instanceof HTMLElement) action(button);
  });
}
