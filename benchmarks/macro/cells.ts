/**
 * At which sizes a case is run, and the operations per second that the design asks for there (the table of targets).
 * A case without a target at a size is measured to know it.
 */
import type { CaseName } from '../workloads/cases.ts';

/** Sizes that the table of targets has columns for. */
const COLUMNS = [1000, 10_000, 100_000] as const;
/** One size more, for the curve of growth. */
const GROWTH = [100, ...COLUMNS] as const;
const SMALL = [1000, 10_000] as const;

interface CaseSizes {
  readonly sizes: readonly number[];
  /** In thousands per second, in the order of `COLUMNS`. */
  readonly targets?: readonly number[];
}

const CELLS: Readonly<Record<CaseName, CaseSizes>> = {
  'one shape': { sizes: COLUMNS, targets: [5000, 3000, 1500] },
  '10 shapes': { sizes: COLUMNS },
  '100 shapes': { sizes: GROWTH, targets: [1300, 900, 450] },
  'distinct shapes': { sizes: GROWTH, targets: [1000, 700, 350] },
  '100 shapes, R=4': { sizes: GROWTH, targets: [800, 350, 70] },
  'distinct shapes, R=4': { sizes: GROWTH, targets: [800, 350, 70] },
  'soft balance, 3 zones': { sizes: COLUMNS, targets: [900, 750] },
  'soft balance, 10 zones': { sizes: COLUMNS, targets: [600, 400] },
  'interfaces, 200 security groups': { sizes: COLUMNS, targets: [650, 140] },
  'row callback, 1 class': { sizes: COLUMNS, targets: [5000, 3000] },
  'row callback, 10 classes': { sizes: COLUMNS, targets: [1200, 800] },
  'row callback, 100 classes': { sizes: COLUMNS, targets: [300, 150] },
  'row callback, free cores': { sizes: SMALL },
  'undeclared callback': { sizes: COLUMNS, targets: [400, 35, 3] },
  'undeclared callback, free cores': { sizes: SMALL },
  'unique host, 100 jobs': { sizes: SMALL },
  'unique host, saturated': { sizes: SMALL },
  'spreading, 100 shapes': { sizes: SMALL },
  'own zone, 100 shapes': { sizes: SMALL },
  'hopeless class among churn': { sizes: SMALL },
};

export function sizesOf(name: CaseName): readonly number[] {
  return CELLS[name].sizes;
}

/** Operations per second, null without a target. */
export function targetOf(name: CaseName, agents: number): number | null {
  const column = COLUMNS.findIndex((size) => size === agents);
  const thousands = CELLS[name].targets?.[column];
  return thousands === undefined ? null : thousands * 1000;
}
