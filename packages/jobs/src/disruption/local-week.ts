/**
 * What the clocks of a time zone show: the moment of their week. That is all that windows by weekday and hour need, and
 * it follows the changes of daylight-saving time as the runtime's time-zone data has them. Formatters are kept, because
 * making one costs a hundred times more than using it.
 */
import type { Weekday } from '../spec/job-spec.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS: number = 24 * HOUR_MS;
export const WEEK_MS: number = 7 * DAY_MS;

/** In the order in which a local week counts them. */
export const WEEKDAYS: readonly Weekday[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];

/** By name in lower case, which is how Intl compares them: as many as there are zones, not as spellings. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * Milliseconds since Monday 0:00 on the clocks of a zone, 0 ≤ moment < a week; undefined when the runtime does not know
 * the zone.
 * @param atMs - whole milliseconds of UTC
 */
export function localWeekMs(timeZone: string, atMs: number): number | undefined {
  const formatter = formatterOf(timeZone);
  if (formatter === undefined) return undefined;
  let moment = ((atMs % 1000) + 1000) % 1000;
  for (const { type, value } of formatter.formatToParts(atMs)) {
    if (type === 'weekday') moment += WEEKDAYS.indexOf(value.toLowerCase() as Weekday) * DAY_MS;
    else if (type === 'hour') moment += Number(value) * HOUR_MS;
    else if (type === 'minute') moment += Number(value) * 60_000;
    else if (type === 'second') moment += Number(value) * 1000;
  }
  return moment;
}

function formatterOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const key = timeZone.toLowerCase();
  const known = formatters.get(key);
  if (known !== undefined) return known;
  try {
    const formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'long',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    });
    formatters.set(key, formatter);
    return formatter;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
