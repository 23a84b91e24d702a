/**
 * Virtual machines that arrive and leave: the input of the elastic suite. Columns, because a window has hundreds of
 * thousands of them. Machines stand in order of arrival; those of one bin arrive at the same time, those of one batch
 * were asked for together by one tenant.
 */

/** What a machine asks for. */
export interface Flavour {
  readonly name: string;
  readonly cpu: number;
  readonly memoryMiB: number;
}

export interface VmTrace {
  readonly name: string;
  readonly flavours: readonly Flavour[];
  /** Seconds since the beginning of the window, ascending. */
  readonly arrivalS: Int32Array;
  /** Seconds; `STAYS` when the machine is still there at the end of the window. */
  readonly lifetimeS: Int32Array;
  /** Index into `flavours`. */
  readonly flavour: Uint8Array;
  /** Ascending. */
  readonly batch: Int32Array;
  /** Length of the window in seconds. */
  readonly endS: number;
}

export const STAYS = -1;

/** A machine while a trace is put together. */
export interface VmRow {
  readonly arrivalS: number;
  readonly lifetimeS: number;
  readonly flavour: number;
  readonly batch: number;
}

/** @param rows - in order of arrival */
export function vmTrace(
  name: string,
  flavours: readonly Flavour[],
  rows: readonly VmRow[],
  endS: number,
): VmTrace {
  return {
    name,
    flavours,
    arrivalS: Int32Array.from(rows, ({ arrivalS }) => arrivalS),
    lifetimeS: Int32Array.from(rows, ({ lifetimeS }) => lifetimeS),
    flavour: Uint8Array.from(rows, ({ flavour }) => flavour),
    batch: Int32Array.from(rows, ({ batch }) => batch),
    endS,
  };
}

/** Machines of each batch, by batch. O(machines). */
export function batchSizes({ batch }: VmTrace): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const one of batch) sizes.set(one, (sizes.get(one) ?? 0) + 1);
  return sizes;
}
