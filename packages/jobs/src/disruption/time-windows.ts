/**
 * Time windows of budgets: when they are open, and when they open next. A window means what the clocks of its zone show:
 * an hour that is skipped in spring does not open, one that comes twice in autumn opens twice. A window of a zone that
 * the runtime does not know never opens, so that nothing is disturbed by mistake.
 */
import { timeOption } from '../option-checks.ts';
import type { TimeWindow } from '../spec/job-spec.ts';
import { DAY_MS, HOUR_MS, localWeekMs, WEEK_MS, WEEKDAYS } from './local-week.ts';

/** A week, and another one should the day that is waited for be left out of the calendar, as on date lines that move. */
const HORIZON_MS: number = 2 * WEEK_MS + DAY_MS;

/**
 * Whether evictions may happen now: some window is open, or there is none. O(windows).
 * @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time
 * @public
 */
export function isOpen(windows: readonly TimeWindow[], nowMs: number): boolean {
  timeOption(nowMs);
  return windows.length === 0 || windows.some((window) => isOpenAt(window, Math.floor(nowMs)));
}

/**
 * First moment from `nowMs` on at which `isOpen` holds, to the millisecond; `nowMs` itself when it holds now. Undefined
 * when none comes within two weeks, that is, never. O(windows · hours until then), about half a millisecond for a week.
 * @throws StowageError INVALID_JOB_OPTION when `nowMs` is no time
 * @public
 */
export function nextOpening(windows: readonly TimeWindow[], nowMs: number): number | undefined {
  if (isOpen(windows, nowMs)) return nowMs;
  let first: number | undefined;
  for (const window of windows) {
    first = openingOf(window, Math.floor(nowMs), first ?? nowMs + HORIZON_MS) ?? first;
  }
  return first;
}

function isOpenAt(window: TimeWindow, atMs: number): boolean {
  const moment = localWeekMs(window.timeZone, atMs);
  return moment !== undefined && isOpenInWeek(window, moment);
}

function isOpenInWeek({ days, hours }: TimeWindow, moment: number): boolean {
  if (days.length > 0 && !days.includes(WEEKDAYS[Math.floor(moment / DAY_MS)])) return false;
  const hour = Math.floor((moment % DAY_MS) / HOUR_MS);
  return hours.length === 0 || hours.some(({ startHour, endHour }) => startHour <= hour && hour < endHour);
}

/** Looks at every moment at which another hour begins on the local clocks, be it that they are changed. */
function openingOf(window: TimeWindow, fromMs: number, beforeMs: number): number | undefined {
  let atMs = fromMs;
  let moment = localWeekMs(window.timeZone, atMs);
  while (moment !== undefined) {
    atMs = nextLocalHour(window.timeZone, atMs, moment);
    if (atMs >= beforeMs) return undefined;
    moment = localWeekMs(window.timeZone, atMs);
    if (moment !== undefined && isOpenInWeek(window, moment)) return atMs;
  }
  return undefined;
}

function nextLocalHour(timeZone: string, fromMs: number, moment: number): number {
  const isChangedBy = (atMs: number): boolean =>
    (localWeekMs(timeZone, atMs)! - moment - (atMs - fromMs)) % WEEK_MS !== 0;
  let upToMs = fromMs + HOUR_MS - (moment % HOUR_MS);
  if (!isChangedBy(upToMs)) return upToMs;
  let sameMs = fromMs;
  while (upToMs - sameMs > 1) {
    const middleMs = Math.floor((sameMs + upToMs) / 2);
    if (isChangedBy(middleMs)) upToMs = middleMs;
    else sameMs = middleMs;
  }
  return upToMs;
}
