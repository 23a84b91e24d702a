/**
 * Lists of CPUs as the kernel writes and reads them: `0-3,8`. Numbers ascend and stand once.
 */

/**
 * @param text - such as `0-3,8` with or without a line end; '' is the empty list
 * @throws Error when it is anything else
 */
export function parseCpuList(text: string): number[] {
  const cpus = new Set<number>();
  for (const part of text.trim().split(',')) {
    if (part === '') continue;
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (match === null) throw new Error(`"${text.trim()}" is no list of CPUs such as 0-3,8.`);
    const last = Number(match[2] ?? match[1]);
    for (let cpu = Number(match[1]); cpu <= last; cpu++) cpus.add(cpu);
  }
  return ascending(cpus);
}

export function formatCpuList(cpus: Iterable<number>): string {
  const sorted = ascending(new Set(cpus));
  const runs: string[] = [];
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (sorted[end + 1] === sorted[end] + 1) end++;
    runs.push(end === i ? `${sorted[i]}` : `${sorted[i]}-${sorted[end]}`);
    i = end + 1;
  }
  return runs.join(',');
}

export function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

export function sameCpus(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((cpu, i) => cpu === b[i]);
}
