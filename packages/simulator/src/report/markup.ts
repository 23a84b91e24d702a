/**
 * Text and numbers as they go into the report. Everything that came from a file passes through `escapeText`,
 * which serves element content and quoted attributes alike. Numbers are formatted without the locale of the
 * machine, so that equal runs give equal reports.
 */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for HTML; characters that XML forbids become the replacement character. */
export function escapeText(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- exactly the characters that no XML document may hold
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"']/g, (character) => ENTITIES[character])
  );
}

/** A percentage with two decimals and no sign, as the published tables print it; a dash for no value. */
export function percent(value: number | undefined): string {
  return value !== undefined && Number.isFinite(value) ? value.toFixed(2) : '–';
}

/** A count with thousands separators, rounded to a whole number. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A coordinate with at most one decimal: a tenth of a pixel is finer than any screen shows. */
export function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The singular with 1, else the plural, after the number. */
export function plural(value: number, singular: string, several: string): string {
  return `${count(value)} ${value === 1 ? singular : several}`;
}
