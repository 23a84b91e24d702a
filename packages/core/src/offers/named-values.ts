/**
 * Concrete values as a caller writes them (`{ ports: [31000, 31001], device: ['gpu-3'] }`), checked and brought
 * into canonical form.
 */
import { show } from '../support/show.ts';
import { canonicalItems } from './items.ts';
import { NO_VALUES, type Values } from './lane-pool.ts';
import type { OfferedValues } from './offer.ts';
import { failOffer } from './offer-errors.ts';
import { rangesOfValues } from './ranges.ts';

/** Values of one offered resource: numbers are ranges, texts are sets. */
export interface NamedValues extends Values {
  readonly name: string;
  readonly kind: 'ranges' | 'set';
}

/** @throws StowageError INVALID_OFFER for anything but lists of different integers or different texts by name */
export function namedValues(given: OfferedValues, what: string): NamedValues[] {
  const values: unknown = given;
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    failOffer('INVALID_OFFER', `${what} are ${show(values)}; give lists by resource name.`);
  return Object.entries(given).map(([name, list]) => {
    const where = `${what} of ${show(name)}`;
    if (!Array.isArray(list)) failOffer('INVALID_OFFER', `${where} are ${show(list)}; give a list.`);
    if (typeof list[0] === 'string') {
      const items = canonicalItems(list, where);
      if (items.length < list.length)
        failOffer('INVALID_OFFER', `${where} are ${show(list)}; give every value once.`);
      return { ...NO_VALUES, name, kind: 'set', items };
    }
    return { ...NO_VALUES, name, kind: 'ranges', ranges: rangesOfValues(list, where) };
  });
}
