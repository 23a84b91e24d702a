/**
 * Sets of texts as canonical lists: ascending by code unit, without repetition. The counterpart of `ranges.ts`
 * for offered resources of kind `set`.
 */
import { show } from '../support/show.ts';
import { failOffer } from './offer-errors.ts';
import type { ValueAlgebra } from './value-algebra.ts';

/** @public */
export type Items = readonly string[];

/** @throws StowageError INVALID_OFFER unless all items are non-empty strings */
export function canonicalItems(given: unknown, what: string): Items {
  if (!Array.isArray(given)) failOffer('INVALID_OFFER', `${what} is ${show(given)}; give a list of texts.`);
  for (const item of given as readonly unknown[]) {
    if (typeof item !== 'string' || item === '')
      failOffer('INVALID_OFFER', `${what} has the item ${show(item)}; give non-empty strings.`);
  }
  return canonical(given as readonly string[]);
}

export const itemAlgebra: ValueAlgebra<Items> = {
  none: [],
  canonical: canonicalItems,
  union: (a, b) => canonical([...a, ...b]),
  without(from, removed) {
    const gone = new Set(removed);
    return from.filter((item) => !gone.has(item));
  },
  common(a, b) {
    const other = new Set(b);
    return a.filter((item) => other.has(item));
  },
  count: (items) => items.length,
  lowest: (items, count) => items.slice(0, Math.max(0, count)),
};

/** The default order of `sort` is by code unit. */
function canonical(items: readonly string[]): Items {
  return [...new Set(items)].sort();
}
