/**
 * Measures as tables: one per metric, a row per case, a column per policy. The text of the command line and the report
 * are both made from these, so that they cannot disagree.
 */
import type { Measure } from './suite.ts';
import { unique } from './unique.ts';

/** @public */
export interface MeasureTable {
  readonly metric: string;
  readonly policies: readonly string[];
  /** A cell per policy, as printed; empty where nothing was measured. */
  readonly rows: readonly { readonly case: string; readonly cells: readonly string[] }[];
}

/** Metrics, policies and cases in order of first appearance. O(metrics · cases · policies · measures); meant for hundreds. @public */
export function measureTables(measures: readonly Measure[]): MeasureTable[] {
  const metrics = unique(measures.map(({ metric }) => metric));
  return metrics.map((metric) => {
    const own = measures.filter((measure) => measure.metric === metric);
    const policies = unique(own.map(({ policy }) => policy));
    const rows = unique(own.map((measure) => measure.case)).map((name) => ({
      case: name,
      cells: policies.map((policy) => {
        const found = own.find((measure) => measure.case === name && measure.policy === policy);
        return found === undefined ? '' : figure(found.value, found.decimals);
      }),
    }));
    return { metric, policies, rows };
  });
}

/** A number with thousands separators and as many decimals as are worth printing, the same on every machine. @public */
export function figure(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}
