/**
 * Schema of a disruption budget: four policies, four rates, time windows, health providers.
 */
import * as v from 'valibot';
import { WEEKDAYS } from '../disruption/local-week.ts';
import type { DisruptionBudget, DisruptionPolicy, DisruptionRate, TimeWindow } from './job-spec.ts';
import type { JobLimits } from './job-limits.ts';
import { distinct, form, list, name, oneForm, percentage, whole, word } from './schema-parts.ts';

const ZONE = 'an IANA time zone such as Europe/Berlin';

/** Zones that have been found good: to ask the runtime costs more than the rest of a check. Each has many spellings. */
const knownZones = new Set<string>();
const MAX_KNOWN_ZONES = 1_000;

/** @param healthProviders - known names; undefined = all */
export function budgetSchema(
  limits: JobLimits,
  healthProviders: readonly string[] | undefined,
): v.GenericSchema<unknown, DisruptionBudget> {
  const limit = whole(limits, 'budgetLimitMin', 'budgetLimitMax');
  const intervalMs = whole(limits, 'intervalMinMs', 'intervalMaxMs');
  const policy: v.GenericSchema<unknown, DisruptionPolicy> = oneForm([
    v.object({
      kind: v.literal('selfManaged'),
      relocationTimeMs: whole(limits, 'relocationTimeMinMs', 'relocationTimeMaxMs'),
    }),
    v.object({ kind: v.literal('availabilityPercentage'), percentageOfHealthy: percentage(limits) }),
    v.object({ kind: v.literal('unhealthyTasks'), limit }),
    v.object({ kind: v.literal('relocations'), limit }),
  ]);
  const rate: v.GenericSchema<unknown, DisruptionRate> = oneForm([
    v.object({ kind: v.literal('unlimited') }),
    v.object({ kind: v.literal('percentagePerHour'), percentage: percentage(limits) }),
    v.object({ kind: v.literal('perInterval'), intervalMs, limit }),
    v.object({ kind: v.literal('percentagePerInterval'), intervalMs, percentage: percentage(limits) }),
  ]);
  return form({
    policy,
    rate,
    timeWindows: v.optional(list(limits, timeWindowSchema(limits), 'timeWindowsMaxCount'), () => []),
    healthProviders: v.optional(
      distinct(
        limits,
        healthProviders === undefined ? name(limits) : v.picklist(healthProviders, 'a health provider'),
        'healthProvidersMaxCount',
      ),
      () => [],
    ),
  });
}

function timeWindowSchema(limits: JobLimits): v.GenericSchema<unknown, TimeWindow> {
  const hour = whole(limits, 'amountMin', 'hourMax');
  const hours = v.pipe(
    form({ startHour: hour, endHour: hour }),
    v.forward(
      v.partialCheck(
        [['startHour'], ['endHour']],
        ({ startHour, endHour }) => startHour < endHour,
        'an hour after startHour',
      ),
      ['endHour'],
    ),
  );
  return form({
    days: v.optional(distinct(limits, v.picklist(WEEKDAYS, 'a weekday'), 'daysMaxCount'), () => []),
    hours: v.optional(list(limits, hours, 'hoursMaxCount'), () => []),
    timeZone: v.optional(
      v.pipe(
        word(limits, 'nameMaxCharacters', /^[A-Za-z][A-Za-z0-9_+/-]*$/, ZONE),
        v.check(isTimeZone, ZONE),
      ),
      'UTC',
    ),
  });
}

function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  if (knownZones.size < MAX_KNOWN_ZONES) knownZones.add(name);
  return true;
}
