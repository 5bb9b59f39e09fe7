/** What every page has: one file that needs no network, and whose policy allows none. Pure. */
import { createHash } from 'node:crypto';
import { embeddedJson, type Html, html, NOTHING, raw } from './markup.ts';

/** The page's own script and style, as text. */
export interface PageAssets {
  script: string;
  style: string;
}

export interface Framed {
  title: string;
  /** Version of the Thaw that it says it was made by. */
  thaw: string;
  /** IDs of sections that may be there, with what they are called. */
  links: readonly (readonly [id: string, text: string])[];
  sections: readonly Html[];
  footer: Html | string;
  /** What its script reads; null for a page that has none. */
  data: object | null;
  /** Whether its script may ask the server that the page came from. */
  live?: boolean;
}

/** Without data there is no script in it, and its policy allows none. */
export function framed(page: Framed, { script, style }: PageAssets): string {
  const { title, thaw, links, sections, footer, data } = page;
  const policy = policyOf(page, { script, style });
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Thaw ${thaw}">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header><a class="skip" href="#main">To the report</a><nav aria-label="Sections">${links.filter(([id]) => isThere(id, sections)).map(([id, text]) => html`<a href="#${id}">${text}</a> `)}</nav></header>
<main id="main">
${sections}
</main>
<footer><p class="note">${footer}</p></footer>
${data === null ? NOTHING : scriptsOf(data, script)}</body>
</html>
`.markup;
}

/** A section without anything to show may be left out, and then no link leads there. */
function isThere(id: string, sections: readonly Html[]): boolean {
  return sections.some(({ markup }) => markup.includes(` id="${id}"`));
}

/** Its Content-Security-Policy: no script and no style but its own, and no network but, of a live page, its server. */
export function policyOf(
  { data, live }: Pick<Framed, 'data' | 'live'>,
  { script, style }: PageAssets,
): string {
  const scripts = data === null ? '' : `script-src ${source(script)}; `;
  const network = live ? "connect-src 'self'; " : '';
  return `default-src 'none'; ${scripts}${network}style-src ${source(style)}; base-uri 'none'; form-action 'none'`;
}

function scriptsOf(data: object, script: string): Html {
  return html`<script type="application/json" id="data">${embeddedJson(data)}</script>
<script>${raw(script)}</script>
`;
}

/** What a browser compares with the text between the tags. */
function source(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
