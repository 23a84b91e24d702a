// What the generators of unrolled kernels have in common.

/** The most columns that there is a kernel for. */
export const MOST_COLUMNS = 6;

export const numbers = (count) => Array.from({ length: count }, (_, i) => i);
export const lines = (count, line) => numbers(count).map(line).join('\n');
export const joined = (count, term, operator) => numbers(count).map(term).join(operator);
