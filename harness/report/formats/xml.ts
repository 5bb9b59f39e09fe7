/** XML elements as text. */
import { safeText } from '../text.ts';

/** `attributes` that are undefined are left out; `content` is text of elements, or what escapeXml gave. */
export function element(
  name: string,
  attributes: Record<string, string | number | undefined>,
  content: readonly string[] = [],
): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join('');
  return content.length === 0 ? `<${name}${given}/>` : `<${name}${given}>${content.join('')}</${name}>`;
}

/** Lines are kept; characters that XML 1.0 cannot hold, or that a terminal would obey, are shown as escapes. */
export function escapeXml(text: string): string {
  return text
    .split('\n')
    .map((line) => safeText(line, Number.POSITIVE_INFINITY))
    .join('\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
