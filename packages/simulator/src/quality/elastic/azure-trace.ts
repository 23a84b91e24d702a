/**
 * The Azure trace V1 of 2017 (Cortez et al., "Resource Central", SOSP'17) as reduced by Bergsma et al. (SOSP'21;
 * huaweicloud/trace_generation_rnn, resources/): arrivals in bins of 5 minutes with flavours and tenants' batches, and
 * binned lifetimes. A line is `<time> <item>,<item>,|,<item>,…` where `|` ends a batch; the lifetimes, `U13` for ended
 * in bin 13 and `C13` for still running then, stand in a file with the same lines.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../errors.ts';
import { readTraceFile } from '../../trace-file.ts';
import { type Flavour, STAYS, type VmRow, type VmTrace, vmTrace } from './vm-trace.ts';

/** The middle of the shortest bin, which holds nothing but 0. */
const LEAST_LIFETIME_S = 150;
const LIFETIME_FILE = /^v1\.(dev|test)\.c(\d+)\.txt$/;

/**
 * The windows with lifetimes in a folder: `dev`, which is published, and `test` for those who have it. A machine lives
 * until the middle of its bin, 150 s at least; a censored one stays until the end of the window.
 * @param folder - with `maps/` and `traces/`
 * @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE
 */
export function readAzureWindows(folder: string): VmTrace[] {
  const flavours = readFlavours(join(folder, 'maps', 'flav_map.txt'));
  const middles = readMiddles(join(folder, 'maps', 'v1.interval_map.txt'));
  const windows = filesIn(join(folder, 'traces')).flatMap((file) => {
    const [, name, endS] = LIFETIME_FILE.exec(file) ?? [];
    return name === undefined ? [] : [{ name, endS: Number(endS), file }];
  });
  if (windows.length === 0)
    fail(
      'TRACE_NOT_FOUND',
      `${folder}/traces has no v1.dev.c2100000.txt; give the folder of the Azure trace.`,
    );
  return windows.map(({ name, endS, file }) => {
    const arrivals = readLines(join(folder, 'traces', `v1.${name}.txt`));
    const lifetimes = readLines(join(folder, 'traces', file));
    return readWindow({
      name,
      endS,
      path: join(folder, 'traces', file),
      arrivals,
      lifetimes,
      flavours,
      middles,
    });
  });
}

interface Line {
  readonly timeS: number;
  /** Items by batch. */
  readonly batches: readonly (readonly string[])[];
}

interface WindowFiles {
  readonly name: string;
  readonly endS: number;
  readonly path: string;
  readonly arrivals: readonly Line[];
  readonly lifetimes: readonly Line[];
  readonly flavours: readonly Flavour[];
  readonly middles: readonly number[];
}

function readWindow({ name, endS, path, arrivals, lifetimes, flavours, middles }: WindowFiles): VmTrace {
  const flavourOf = new Map(flavours.map((flavour, index) => [flavour.name, index]));
  const beginS = arrivals[0].timeS;
  const rows: VmRow[] = [];
  let batch = 0;
  if (lifetimes.length !== arrivals.length)
    fail(
      'MALFORMED_TRACE',
      `${path}: has ${lifetimes.length} lines for ${arrivals.length} of arrivals; copy both files again.`,
    );
  arrivals.forEach(({ timeS, batches }, line) => {
    if (timeS < (arrivals[line - 1]?.timeS ?? 0) || timeS >= endS)
      fail(
        'MALFORMED_TRACE',
        `${path} line ${line + 1}: the time ${timeS} is before the last one or after the end, ${endS}; copy both files again.`,
      );
    const lives = lifetimes[line]?.batches ?? [];
    if (lifetimes[line]?.timeS !== timeS || lives.length !== batches.length)
      fail(
        'MALFORMED_TRACE',
        `${path} line ${line + 1}: does not match the arrivals; copy both files again.`,
      );
    batches.forEach((names, b) => {
      names.forEach((flavourName, i) => {
        const flavour = flavourOf.get(flavourName);
        const lifetimeS = lifetimeOf(lives[b][i], middles);
        if (flavour === undefined || lifetimeS === undefined || lives[b].length !== names.length)
          fail(
            'MALFORMED_TRACE',
            `${path} line ${line + 1}: "${lives[b][i]}" for "${flavourName}" is unknown; copy the files again.`,
          );
        rows.push({ arrivalS: timeS - beginS, lifetimeS, flavour, batch });
      });
      batch++;
    });
  });
  return vmTrace(name, flavours, rows, endS - beginS);
}

function lifetimeOf(item: string | undefined, middles: readonly number[]): number | undefined {
  const [, state, bin] = /^([UC])(\d+)$/.exec(item ?? '') ?? [];
  return state === 'C' ? STAYS : middles[Number(bin)];
}

function readFlavours(path: string): Flavour[] {
  return textLines(path).map((text, index) => {
    const [, cpu, gib, name] = /^(\d+(?:\.\d+)?),(\d+(?:\.\d+)?) (\w+)$/.exec(text) ?? [];
    if (name === undefined)
      fail('MALFORMED_TRACE', `${path} line ${index + 1}: "${text}" is no flavour; copy the file again.`);
    return { name, cpu: Number(cpu), memoryMiB: Number(gib) * 1024 };
  });
}

/** The middle of each bin: half-way between its least and its greatest lifetime. */
function readMiddles(path: string): number[] {
  const bins: { least: number; most: number }[] = [];
  textLines(path).forEach((text, index) => {
    const [, lifetimeS, bin] = /^(\d+) (\d+)$/.exec(text) ?? [];
    if (bin === undefined)
      fail('MALFORMED_TRACE', `${path} line ${index + 1}: "${text}" is no bin; copy the file again.`);
    const known = bins[Number(bin)];
    bins[Number(bin)] = { least: known?.least ?? Number(lifetimeS), most: Number(lifetimeS) };
  });
  return bins.map(({ least, most }) => Math.max(LEAST_LIFETIME_S, (least + most) / 2));
}

function readLines(path: string): Line[] {
  const lines = textLines(path).map((text, index) => {
    const [, timeS, items] = /^(\d+) (.*)$/.exec(text) ?? [];
    if (items === undefined)
      fail('MALFORMED_TRACE', `${path} line ${index + 1}: has no time; copy the file again.`);
    const batches = items.split('|').map((batch) => batch.split(',').filter((item) => item !== ''));
    return { timeS: Number(timeS), batches: batches.filter((batch) => batch.length > 0) };
  });
  if (lines.length === 0) fail('MALFORMED_TRACE', `${path}: is empty; copy the file again.`);
  return lines;
}

function textLines(path: string): string[] {
  return readTraceFile(path)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    return fail(
      'TRACE_NOT_FOUND',
      `cannot list ${folder}; give the folder that holds maps/ and traces/.`,
      error,
    );
  }
}
