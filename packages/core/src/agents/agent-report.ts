/**
 * What an agent reports about itself while it runs, and its check.
 */
import { NO_SIGNAL } from './agent-signals.ts';
import { fail } from '../errors.ts';
import { MAX_UNITS } from '../resources/quantity.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { show } from '../support/show.ts';
import { parseScalars, record, text } from '../resources/specs.ts';

/**
 * What is left out stays as it was.
 * @public
 */
export interface AgentReport {
  /**
   * By scalar resource, decimals: what tasks have booked and do not use, so that opportunistic demands may be met by
   * it. Replaces what was lent before; missing = 0.
   */
  readonly lent?: Readonly<Record<string, number>>;
  /** Numbers by name, for `ClusterView.signal`: integers from 0 to 2^31 - 1, -1 = unknown. */
  readonly signals?: Readonly<Record<string, number>>;
  /** All items at hand by kind (images, prepared security groups), for `ClusterView.cached`. */
  readonly cached?: Readonly<Record<string, readonly string[]>>;
}

/** A checked report; `lent` in units. */
interface ParsedReport {
  readonly lent: Int32Array | undefined;
  readonly signals: readonly (readonly [name: string, value: number])[];
  readonly cached: readonly (readonly [kind: string, items: readonly string[]])[];
}

/** @throws StowageError INVALID_SPEC, INVALID_QUANTITY, UNKNOWN_RESOURCE and those of `toUnits` */
export function parseReport(schema: ResourceSchema, report: AgentReport, what: string): ParsedReport {
  const { lent, signals = {}, cached = {} } = record<AgentReport>(report, `${what} report`);
  return {
    lent: lent === undefined ? undefined : parseScalars(schema, lent, `${what} lent`),
    signals: Object.entries(record<Record<string, number>>(signals, `${what} signals`)).map(
      ([name, value]) => [text(name, 'signal name'), requireSignal(name, value)],
    ),
    cached: Object.entries(record<Record<string, readonly string[]>>(cached, `${what} cached`)).map(
      ([kind, items]) => [text(kind, 'kind of cached items'), requireItems(kind, items)],
    ),
  };
}

function requireItems(kind: string, items: readonly string[]): readonly string[] {
  const given: unknown = items;
  if (!Array.isArray(given)) fail('INVALID_SPEC', `the ${kind} items are ${show(given)}; give an array.`);
  return items.map((item) => text(item, `${kind} item`));
}

/** @throws StowageError INVALID_QUANTITY unless the value is an integer from -1 (unknown) to 2^31 - 1 */
function requireSignal(name: string, value: number): number {
  if (Number.isInteger(value) && value >= NO_SIGNAL && value <= MAX_UNITS) return value;
  return fail(
    'INVALID_QUANTITY',
    `signal "${name}" is ${show(value)}; give an integer from 0 to ${MAX_UNITS}, or ${NO_SIGNAL} for unknown.`,
  );
}
