/**
 * Numbers as the commands print them, the same on every machine.
 */

/** Two decimals, as the published tables have; a dash for no value. */
export function percent(value: number | undefined): string {
  return value !== undefined && Number.isFinite(value) ? value.toFixed(2) : '-';
}

/** A whole number with thousands separators; a dash for no value. */
export function count(value: number): string {
  return Number.isFinite(value) ? value.toLocaleString('en-US', { maximumFractionDigits: 0 }) : '-';
}

/** `1 run`, `2 runs`. */
export function plural(value: number, singular: string): string {
  return `${count(value)} ${singular}${value === 1 ? '' : 's'}`;
}

/** A time span to the second: `8s`, `2m05s`, `1h03m`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`;
}
