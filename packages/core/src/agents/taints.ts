/**
 * Taints: agents that keep off all tasks but those that tolerate it (Kubernetes' rule). The taints of an agent are
 * kept as one attribute with a key of the engine's own, so that agents with equal taints share a value and each
 * class is judged once per distinct set of taints.
 */
import type { AttributeColumn } from './attribute-table.ts';
import { fail } from '../errors.ts';
import { show } from '../support/show.ts';

/**
 * A mark on an agent.
 *
 * - `NoSchedule`: tasks without a toleration are not placed there.
 * - `PreferNoSchedule`: nothing is enforced; `preferUntainted` ranks by it.
 * - `NoExecute`: as NoSchedule, and tasks that are there already are named by `evictions`.
 * @public
 */
export interface Taint {
  readonly key: string;
  /** Default: the empty text. */
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/**
 * What a task puts up with. Everything given must agree with the taint; what is left out agrees with anything.
 * @public
 */
export interface Toleration {
  readonly key?: string;
  readonly value?: string;
  readonly effect?: Taint['effect'];
}

/**
 * The taints of all agents as plug-ins see them, one id per distinct set of taints.
 * @public
 */
export interface TaintColumn {
  /** Id of the set of taints per row; 0 = none. */
  readonly ids: Int32Array;
  /** Exclusive upper bound of the ids. */
  readonly idCount: number;
  /** The taints of an id; to be read when a plug-in is bound, not per row. */
  valueOf(this: void, id: number): readonly Required<Taint>[];
}

/** The attribute that holds the taints; users cannot write keys that begin with NUL. */
export const TAINTS_KEY = '\0taints';

const EFFECTS: readonly unknown[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Checked taints as one text, equal for equal sets. @throws StowageError INVALID_SPEC */
export function taintsText(taints: readonly Taint[], what: string): string {
  return JSON.stringify(
    entries(taints, `${what} taints`)
      .map((taint) => {
        const { key, value = '', effect } = taint as Partial<Taint>;
        if (typeof key !== 'string' || key === '' || typeof value !== 'string' || !EFFECTS.includes(effect)) {
          fail(
            'INVALID_SPEC',
            `${what} has the taint ${show(taint)}; give { key, effect: ${EFFECTS.join(' | ')} }.`,
          );
        }
        return [key, value, effect];
      })
      .sort(),
  );
}

/** The taints of a text that `taintsText` made. */
export function parseTaints(text: string | undefined): readonly Required<Taint>[] {
  if (text === undefined) return [];
  return (JSON.parse(text) as [string, string, Taint['effect']][]).map(([key, value, effect]) => ({
    key,
    value,
    effect,
  }));
}

/** Whether a text is one that `taintsText` made. */
export function isTaintsText(text: string): boolean {
  try {
    return taintsText(parseTaints(text), 'agent') === text;
  } catch {
    return false;
  }
}

/** The view on the column of `TAINTS_KEY`. */
export function taintColumn(column: AttributeColumn): TaintColumn {
  const { ids, idCount } = column;
  return { ids, idCount, valueOf: (id) => parseTaints(column.valueOf(id)) };
}

/** Checked tolerations. @throws StowageError INVALID_SPEC */
export function requireTolerations(tolerations: readonly Toleration[], what: string): readonly Toleration[] {
  return entries(tolerations, `${what} tolerations`).map((toleration) => {
    const { key, value, effect } = toleration as Partial<Toleration>;
    const isText = (part: unknown) => part === undefined || typeof part === 'string';
    if (!isText(key) || !isText(value) || (effect !== undefined && !EFFECTS.includes(effect))) {
      fail('INVALID_SPEC', `${what} has the toleration ${show(toleration)}; give { key, value, effect }.`);
    }
    return {
      ...(key === undefined ? {} : { key }),
      ...(value === undefined ? {} : { value }),
      ...(effect === undefined ? {} : { effect }),
    };
  });
}

/** Whether one of the tolerations agrees with a taint. */
export function tolerates(tolerations: readonly Toleration[], { key, value = '', effect }: Taint): boolean {
  return tolerations.some(
    (toleration) =>
      (toleration.key ?? key) === key &&
      (toleration.value ?? value) === value &&
      (toleration.effect ?? effect) === effect,
  );
}

function entries(value: unknown, what: string): readonly object[] {
  const list: readonly unknown[] = Array.isArray(value) ? [...(value as unknown[])] : [undefined];
  const isObject = (entry: unknown): entry is object =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  if (list.every(isObject)) return list;
  return fail('INVALID_SPEC', `${what} are ${show(value)}; give an array of objects.`);
}
