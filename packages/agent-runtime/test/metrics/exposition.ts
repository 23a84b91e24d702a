/**
 * A small strict reader of the text format of Prometheus, for tests: what it does not understand it throws at.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line is not ended.');
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
  let current: string | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (families.has(name)) throw new Error(`${name} comes twice`);
      families.set(name, { type: '', help: rest, samples: [] });
      current = name;
    } else if (keyword === 'TYPE') {
      if (name !== current || SUFFIXES[rest] === undefined) throw new Error(`misplaced: ${line}`);
      families.get(name)!.type = rest;
    } else {
      const family = families.get(current ?? '');
      const sample = parseSample(line);
      if (family === undefined || !SUFFIXES[family.type].some((suffix) => sample.name === current + suffix))
        throw new Error(`not of ${current}: ${line}`);
      const key = (each: Sample): string => JSON.stringify([each.name, Object.entries(each.labels).sort()]);
      if (family.samples.some((each) => key(each) === key(sample))) throw new Error(`comes twice: ${line}`);
      family.samples.push(sample);
    }
  }
  return families;
}

function parseSample(line: string): Sample {
  const match = SAMPLE.exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = match[2] ?? ''; rest !== '';) {
    const label = LABEL.exec(rest);
    if (label === null) throw new Error(`no label: ${rest}`);
    labels[label[1]] = label[2].replace(/\\(.)/g, (_, each: string) => (each === 'n' ? '\n' : each));
    rest = rest.slice(label[0].length);
  }
  const value = { '+Inf': Infinity, '-Inf': -Infinity, NaN }[match[3]] ?? Number(match[3]);
  if (Number.isNaN(value) && match[3] !== 'NaN') throw new Error(`no number: ${line}`);
  return { name: match[1], labels, value };
}
