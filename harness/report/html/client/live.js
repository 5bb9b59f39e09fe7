/** A page of a run that goes on: what comes from its server is put into it, and nothing that is looked at is moved. */
import { merge, unpack } from './samples.js';

/**
 * @typedef {import('./report.js').Report} Report
 *
 * @typedef {object} News what the server tells, by the name of the event
 * @property {import('./samples.js').Packed & { lanes: object[], outcomes: object[] }} samples that came since
 * @property {string} page the whole page anew, without samples
 * @property {string} now what happens, as text
 * @property {string} end why nothing comes any more
 */

const SECTIONS = 'main > section';
/** Above so many, the page is fetched anew, for the server then carries fewer. */
const ENTRIES_AT_MOST = 2_000_000;

/**
 * @param {Report | null} report null: a page without one, which is waited for
 * @param {string} after what of the news the page has already
 */
export function follow(report, after) {
  const banner = document.createElement('p');
  banner.className = 'live';
  banner.setAttribute('role', 'status');
  document.querySelector('header')?.append(banner);
  const delivered = new Map(
    [...document.querySelectorAll(SECTIONS)].map((one) => [keyOf(one), one.outerHTML]),
  );
  history.scrollRestoration = 'auto';
  const source = new EventSource(`events?after=${encodeURIComponent(after)}`);
  const say = (/** @type {string} */ text) => {
    if (banner.textContent !== text) banner.textContent = text;
  };
  /** @type {{ [name in keyof News]: (news: News[name]) => void } & { reload: () => void }} */
  const takes = {
    now: say,
    samples: (news) => report && addSamples(report, news),
    page: (text) => report && replace(report, delivered, text),
    reload() {
      // What a browser puts in its old place is another page by then; who has not scrolled is to see its top.
      if (scrollY === 0) history.scrollRestoration = 'manual';
      location.reload();
    },
    end(text) {
      source.close();
      document.documentElement.dataset.ended = 'yes';
      say(text);
    },
  };
  for (const [name, take] of Object.entries(takes)) {
    source.addEventListener(name, ({ data }) => take(JSON.parse(data)));
  }
  source.onerror = () => say('The run does not answer. What it has left lies in its run directory.');
}

/**
 * @param {Report} report
 * @param {News['samples']} news
 */
function addSamples(report, news) {
  report.samples = merge(report.samples, unpack(news));
  const { lanes, outcomes } = news;
  Object.assign(report.data, { lanes, outcomes });
  report.refresh();
  if (report.samples.length > ENTRIES_AT_MOST) location.reload();
}

/**
 * Puts sections that differ from what was last delivered in their place; the timeline stays, with what is looked at.
 * @param {Report} report
 * @param {Map<string, string>} delivered
 * @param {string} text
 */
function replace(report, delivered, text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const { bands, measurements } = JSON.parse(page.querySelector('#data')?.textContent ?? '{}');
  Object.assign(report.data, { bands, measurements });
  const choice = document.querySelector('#waterfall-choice');
  const chosen = choice instanceof HTMLSelectElement && choice.dataset.chosen ? choice.value : '';
  const focused = document.activeElement?.id ?? '';
  document.title = page.title;
  replaceLinks(page);
  const gone = new Map([...document.querySelectorAll(SECTIONS)].map((one) => [keyOf(one), one]));
  /** @type {Element | null} */
  let previous = null;
  for (const fresh of page.querySelectorAll(SECTIONS)) {
    const [key, markup] = [keyOf(fresh), fresh.outerHTML];
    const there = gone.get(key);
    if (there === undefined) {
      if (previous === null) document.querySelector('main')?.prepend(fresh);
      else previous.after(fresh);
    } else if (key === TIMELINE) takeNotes(fresh);
    else if (delivered.get(key) !== markup) there.replaceWith(fresh);
    previous = fresh.isConnected && fresh.ownerDocument === document ? fresh : (there ?? null);
    delivered.set(key, markup);
    gone.delete(key);
  }
  for (const section of gone.values()) section.remove();
  if (chosen !== '') report.choose(chosen);
  if (focused !== '' && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  report.refresh();
}

/**
 * Sections come and go, and so do the links to them.
 * @param {Document} page
 */
function replaceLinks(page) {
  const [there, fresh] = [document.querySelector('nav'), page.querySelector('nav')];
  if (fresh !== null && there?.innerHTML !== fresh.innerHTML) there?.replaceWith(fresh);
}

const TIMELINE = 'timeline-title';

/** @param {Element} section */
function keyOf(section) {
  return section.getAttribute('aria-labelledby') ?? '';
}

/**
 * What stands around the timeline.
 * @param {Element} fresh
 */
function takeNotes(fresh) {
  const canvas = document.querySelector('#timeline');
  canvas?.setAttribute('aria-label', fresh.querySelector('#timeline')?.getAttribute('aria-label') ?? '');
  if (canvas !== null) canvas.textContent = fresh.querySelector('#timeline')?.textContent ?? '';
  const notes = fresh.querySelector('#timeline-notes');
  if (notes !== null) document.querySelector('#timeline-notes')?.replaceWith(notes);
}
