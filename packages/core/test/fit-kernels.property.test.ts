/**
 * The unrolled kernels of scans against a plain filter, for every number of columns and of rows beyond whole rounds, also
 * where they overwrite the list that they read.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FITTING_AMONG } from '../src/structures/fitting-among.ts';
import { FITTING_ROWS } from '../src/structures/fitting-rows.ts';

const amount = fc.oneof(fc.nat(3), fc.constant(2 ** 31 - 1));

const tables = fc
  .record({ columns: fc.nat(FITTING_ROWS.length - 1), rows: fc.nat(15) })
  .chain(({ columns, rows }) =>
    fc.record({
      open: fc.array(fc.nat(1), { minLength: rows, maxLength: rows }),
      columns: fc.array(fc.array(amount, { minLength: rows, maxLength: rows }), {
        minLength: columns,
        maxLength: columns,
      }),
      needs: fc.array(amount, { minLength: columns, maxLength: columns }),
      from: fc.shuffledSubarray(Array.from({ length: rows }, (_, row) => row)),
    }),
  );

test('kernels keep the open rows with enough in every column, in order', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const open = Uint8Array.from(table.open);
      const columns = table.columns.map((column) => Int32Array.from(column));
      const needs = Int32Array.from(table.needs);
      const fits = (row: number): boolean =>
        open[row] === 1 && columns.every((column, i) => column[row] >= needs[i]);
      const rows = new Int32Array(open.length);
      const all = FITTING_ROWS[columns.length](open, columns, needs, open.length, rows);
      expect([...rows.subarray(0, all)]).toEqual([...open.keys()].filter(fits));
      const list = Int32Array.from(table.from);
      const some = FITTING_AMONG[columns.length](open, columns, needs, list, list.length, list);
      expect([...list.subarray(0, some)]).toEqual(table.from.filter(fits));
    }),
    { numRuns: 500 },
  );
});
