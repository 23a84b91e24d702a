/**
 * Times of a cell as text: spans, and the hour of the virtual day. A report and a terminal print the same.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** `350 ms`, `12.3 s`, `5 min 07 s`, `3 h 05 min`; a dash for no value. @public */
export function spanText(spanMs: number | undefined): string {
  if (spanMs === undefined || !Number.isFinite(spanMs)) return '–';
  if (Math.round(spanMs) < SECOND_MS) return `${Math.round(spanMs)} ms`;
  if (Math.round(spanMs / 100) < 600) return `${(spanMs / SECOND_MS).toFixed(1)} s`;
  const seconds = Math.round(spanMs / SECOND_MS);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${padded(seconds % 60)} s`;
  const minutes = Math.round(spanMs / MINUTE_MS);
  return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
}

/** Hours and minutes since the beginning, `01:30`; hours go on after 23. @public */
export function clockText(atMs: number): string {
  const minutes = Math.floor(atMs / MINUTE_MS);
  return `${padded(Math.floor(minutes / 60))}:${padded(minutes % 60)}`;
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720].map((minutes) => minutes * MINUTE_MS);

/** Moments for a time axis, at most `most` of them and one more, at full minutes, hours or days. */
export function clockTicks(durationMs: number, most: number): number[] {
  const daysMs = 24 * HOUR_MS * Math.ceil(durationMs / (24 * HOUR_MS * most));
  const stepMs = STEPS_MS.find((step) => durationMs / step <= most) ?? daysMs;
  return Array.from({ length: Math.floor(durationMs / stepMs) + 1 }, (_, n) => n * stepMs);
}

function padded(value: number): string {
  return String(value).padStart(2, '0');
}
