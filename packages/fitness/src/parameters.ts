/**
 * Checks of what users pass to the factories of this package.
 */
import { show, StowageError } from '@stowage/core';

/** @throws StowageError INVALID_PLUGIN unless every text is a non-empty string */
export function requireTexts(factory: string, ...texts: unknown[]): void {
  for (const text of texts) {
    if (typeof text !== 'string' || text === '')
      throw new StowageError('INVALID_PLUGIN', `${factory}: ${show(text)} is not a non-empty string.`);
  }
}
