/**
 * Names of fitness calculators as recorded runs write them: one of Fenzo's bundled ones, or
 * `weightedAverage(cpuBinPacker=0.75,memoryBinPacker=0.25)`, whose parts may be weighted averages themselves.
 */

/** Resources of a packer or spreader by its name; `default` looks at none. */
export const BUNDLED = {
  cpuBinPacker: ['cpu'],
  memoryBinPacker: ['memory'],
  networkBinPacker: ['network'],
  cpuMemBinPacker: ['cpu', 'memory'],
  cpuMemNetworkBinPacker: ['cpu', 'memory', 'network'],
  cpuSpreader: ['cpu'],
  memorySpreader: ['memory'],
  networkSpreader: ['network'],
  cpuMemSpreader: ['cpu', 'memory'],
  cpuMemNetworkSpreader: ['cpu', 'memory', 'network'],
  default: [],
} as const satisfies Readonly<Record<string, readonly ('cpu' | 'memory' | 'network')[]>>;

export type BundledName = keyof typeof BUNDLED;

export type FitnessName =
  | { readonly name: BundledName }
  | { readonly parts: readonly { readonly fitness: FitnessName; readonly weight: number }[] };

/** @returns undefined for a name that is not known or not well-formed */
export function parseFitnessName(text: string): FitnessName | undefined {
  const weighted = /^weightedAverage\((.+)\)$/.exec(text);
  if (weighted === null) return Object.hasOwn(BUNDLED, text) ? { name: text as BundledName } : undefined;
  const parts = splitOutside(weighted[1]).map((part) => {
    const at = part.lastIndexOf('=');
    return { fitness: parseFitnessName(part.slice(0, at)), weight: Number(part.slice(at + 1)) };
  });
  const known = parts.flatMap(({ fitness, weight }) =>
    fitness !== undefined && weight > 0 ? [{ fitness, weight }] : [],
  );
  return known.length === parts.length ? { parts: known } : undefined;
}

/** At the commas that stand outside of parentheses. */
function splitOutside(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}
