/**
 * Numbers as people read them, without the locale of the machine, and text as SVG and Markdown want it.
 */

/** With thousands separators. */
export function grouped(value: number): string {
  const [whole, fraction] = String(value).split('.');
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

/** 1000 → 1k. */
export function shortCount(value: number): string {
  if (value >= 1e6) return `${threeDigits(value / 1e6)}M`;
  return value >= 1000 ? `${threeDigits(value / 1000)}k` : String(threeDigits(value));
}

/** In the unit that leaves one to three digits before the point. */
export function duration(ns: number): string {
  if (ns >= 1e9) return `${threeDigits(ns / 1e9)} s`;
  if (ns >= 1e6) return `${threeDigits(ns / 1e6)} ms`;
  return ns >= 1000 ? `${threeDigits(ns / 1000)} µs` : `${threeDigits(ns)} ns`;
}

export function threeDigits(value: number): number {
  return Number(value.toPrecision(3));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]);
}
