/**
 * Aligned columns of plain text: the first to the left, numbers to the right, two spaces between, no frame, so
 * that a table can be read, searched and cut with ordinary tools. Cells are measured as they are; style a line
 * after it was laid out.
 */

/** `left` for words, `right` for numbers. */
export type Alignment = 'left' | 'right';

const GAP = '  ';

/**
 * The lines of a table, the header first.
 * @param rows - each as long as the header
 */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): string[] {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length)));
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) =>
        alignments[column] === 'left' ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join(GAP)
      .trimEnd(),
  );
}
