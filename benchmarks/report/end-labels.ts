/**
 * Names at the right ends of lines instead of a legend, moved apart where lines end close together.
 */
import { at, label, path } from './svg.ts';

interface LineEnd {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

const GAP = 15;

export function endLabels(ends: readonly LineEnd[]): string[] {
  let last = -Infinity;
  return [...ends]
    .sort((a, b) => a.y - b.y)
    .flatMap(({ text, x, y }) => {
      last = Math.max(y, last + GAP);
      return [
        path('leader', `M${at(x + 6)} ${at(y)}L${at(x + 16)} ${at(last)}`),
        label(x + 20, last + 4, text),
      ];
    });
}
