/** What the figures of the page share: coordinates as text, and axes. */
import { decimalsOfStep, ticks } from './client/scale.js';
import { type Html, html } from './markup.ts';

/** A coordinate with at most two decimals. */
export function at(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Vertical lines with their values in milliseconds, from `top` to `bottom`; the unit stands at the last one. */
export function timeAxis(options: {
  fromMs: number;
  toMs: number;
  x: (ms: number) => number;
  top: number;
  bottom: number;
}): Html {
  const { fromMs, toMs, x, top, bottom } = options;
  const { step, values } = ticks(fromMs, toMs, 8);
  const decimals = decimalsOfStep(step);
  const lines = values.map((ms, index) => {
    const unit = index === values.length - 1 ? ' ms' : '';
    return html`<path class="grid" d="M${at(x(ms))} ${at(top)}V${at(bottom)}"/><text class="tick" x="${at(x(ms))}" y="${at(bottom + 14)}">${ms.toFixed(decimals)}${unit}</text>`;
  });
  return html`${lines}`;
}
